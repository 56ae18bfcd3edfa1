/** Reservations of commands that read the SEL (IPMI 2.0 §31.4). */
import type { Reservation } from "../../../../model/bmc/reservation.js";
import { completionCode, CompletionError } from "../../completionCode.js";

/** Reads may use reservation 0 (DCMI 1.5 §6.3.2.1 and §6.5.3.1). */
const noReservation = 0;

/** Like requireReservation, but accepts 0. */
export function requireReservationOrNone(reservation: Reservation, id: number): void {
  if (id !== noReservation) {
    requireReservation(reservation, id);
  }
}

/** Throws C5h for a reservation that never existed or is no longer valid. */
export function requireReservation(reservation: Reservation, id: number): void {
  if (!reservation.isValid(id)) {
    throw new CompletionError(completionCode.reservationCanceled, `reservation ${id} is not valid`);
  }
}
