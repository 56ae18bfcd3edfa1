/** Login, then the fleet or one BMC, by the address after the `#`. */
import { useEffect, useMemo } from "preact/hooks";

import { BmcView } from "./bmc/BmcView.js";
import { FleetView } from "./fleet/FleetView.js";
import { LoginView } from "./LoginView.js";
import { type Page, PageContext } from "./state/context.js";
import { createFleet } from "./state/fleet.js";
import { createMessages } from "./state/messages.js";
import { useRoute } from "./state/route.js";
import { createSession, type LoggedIn, type Session } from "./state/session.js";
import { useStore } from "./state/store.js";
import { Frame } from "./ui/Frame.js";

const session = createSession();

export function App() {
  const user = useStore(session.current);
  return user ? <Home key={user.token} session={session} user={user} /> : <LoginView session={session} />;
}

function Home({ session: { client, logOut }, user }: { session: Session; user: LoggedIn }) {
  const page = useMemo<Page>(() => ({ client, user, fleet: createFleet(client), messages: createMessages() }), []);
  useEffect(() => page.fleet.close, [page]);
  const { bmc, tab } = useRoute();
  return (
    <PageContext.Provider value={page}>
      <Frame onLogOut={() => void logOut()}>
        {bmc === undefined ? <FleetView /> : <BmcView key={bmc} name={bmc} tab={tab} />}
      </Frame>
    </PageContext.Provider>
  );
}
