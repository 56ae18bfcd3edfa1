"""pyghmi's console on standard input and output: a line typed is sent with CR, `BREAK` sends a break, end of file closes."""
import os
import select
import sys

from pyghmi.ipmi import console

host, port, user, password = sys.argv[1:]


def show(data):
    if isinstance(data, dict):
        os.write(1, ("<%s>\n" % data).encode())
        if "error" in data:
            os._exit(3)
    else:
        os.write(1, data if isinstance(data, bytes) else data.encode())


session = console.Console(bmc=host, port=int(port), userid=user, password=password, iohandler=show, force=True)
while not session.connected:
    console.Console.wait_for_rsp(0.1)
os.write(1, b"<connected>\n")
while True:
    console.Console.wait_for_rsp(0.05)
    if select.select([0], [], [], 0)[0]:
        typed = os.read(0, 65536)
        if not typed:
            session.close()
            break
        if typed == b"BREAK\n":
            session.send_break()
        else:
            session.send_data(typed.replace(b"\n", b"\r"))
