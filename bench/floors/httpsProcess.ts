/** The least that an HTTPS server in Node does: it gives everybody the same answer. */
import { createServer } from "node:https";

export interface FixedAnswer {
  readonly key: string;
  readonly cert: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

process.once("message", ({ key, cert, headers, body }: FixedAnswer) => {
  const server = createServer({ key, cert }, (_request, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.(typeof address === "object" ? address?.port : undefined);
  });
});
process.on("disconnect", () => process.exit(0));
