import type { Reservation } from "../../../bmc/reservation.js";
import { CompletionError, completionCode } from "../../completionCode.js";

/** Throws C5h for a reservation that was never made or has lost its worth. */
export function requireReservation(reservation: Reservation, id: number): void {
  if (!reservation.isValid(id)) {
    throw new CompletionError(completionCode.reservationCanceled, `reservation ${id} is not valid`);
  }
}
