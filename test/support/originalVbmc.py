"""The original's `vbmc` as FIDELITY describes it: cliff's commands over the plain control socket.

    originalVbmc.py ARGUMENT...    as a user runs it
    originalVbmc.py --batch        one JSON list of arguments a line in, one JSON {rc, stdout, stderr} a line out

VBMC_PORT names the daemon's port.
"""

import contextlib
import io
import json
import logging
import os
import sys

import zmq
from cliff.app import App
from cliff.command import Command
from cliff.commandmanager import CommandManager
from cliff.lister import Lister

VERSION = "0.0.6"
RESPONSE_TIMEOUT_MS = 30000
# What cliff's own options put on the command line, and so into the request.
CLIFF_FIELDS = (
    "columns fit_width formatter max_width noindent print_empty quote_mode sort_columns sort_direction"
).split()


def ask(command, **fields):
    """Sends what the original sends; gives its reply, or ends as the original ends on a failure."""
    port = os.environ["VBMC_PORT"]
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 5)
    try:
        socket.connect("tcp://127.0.0.1:" + port)
        socket.send(json.dumps(dict(fields, command=command)).encode("utf-8"))
        if not socket.poll(RESPONSE_TIMEOUT_MS, zmq.POLLIN):
            raise Exception(
                "Failed to connect to the vbmcd server on port %s, error: Server response timed out" % port
            )
        reply = json.loads(socket.recv().decode("utf-8"))
    finally:
        socket.close()
    if reply["rc"]:
        raise Exception("(%s): %s" % (reply["rc"], "\n".join(reply.get("msg", ()))))
    return reply


def formatting(parsed):
    return {name: getattr(parsed, name) for name in CLIFF_FIELDS}


class Add(Command):
    """Create a new BMC for a virtual machine instance"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("vm_name", help="The name of the virtual machine")
        parser.add_argument("--username", default="admin", help="The BMC username")
        parser.add_argument("--password", default="password", help="The BMC password")
        parser.add_argument("--port", type=int, default=6230, help="Port to listen on")
        parser.add_argument("--address", default="::", help="The address to bind to")
        for option in ("fakemac", "viserver", "viserver-username", "viserver-password", "vm-uuid"):
            parser.add_argument("--" + option, default=None)
        return parser

    def take_action(self, parsed):
        if bool(parsed.viserver_username) != bool(parsed.viserver_password):
            raise Exception("A password and username are required to use VI Server authentication")
        ask("add", **vars(parsed))


class Delete(Command):
    """Delete a virtual BMC for a virtual machine instance"""

    command = "delete"

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("vm_names", nargs="+", help="A list of virtual machine names")
        return parser

    def take_action(self, parsed):
        ask(self.command, vm_names=parsed.vm_names)


class Start(Delete):
    """Start a virtual BMC for a virtual machine instance"""

    command = "start"


class Stop(Delete):
    """Stop a virtual BMC for a virtual machine instance"""

    command = "stop"


class List(Lister):
    """List all virtual BMC instances"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("--fakemac", action="store_true", default=False)
        return parser

    def take_action(self, parsed):
        reply = ask("list", fakemac=parsed.fakemac, **formatting(parsed))
        return reply["header"], sorted(reply["rows"])


class Show(Lister):
    """Show virtual BMC properties"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("vm_name", help="The name of the virtual machine")
        return parser

    def take_action(self, parsed):
        reply = ask("show", vm_name=parsed.vm_name, **formatting(parsed))
        return reply["header"], sorted(reply["rows"])


class OriginalVbmc(App):
    def __init__(self, stdout=None, stderr=None):
        manager = CommandManager("none.such")
        for name, command in (
            ("add", Add), ("delete", Delete), ("list", List), ("show", Show), ("start", Start), ("stop", Stop),
        ):
            manager.add_command(name, command)
        super().__init__(
            description="Virtual Baseboard Management Controller", version=VERSION, command_manager=manager,
            deferred_help=True, stdout=stdout, stderr=stderr,
        )

    def build_option_parser(self, description, version, argparse_kwargs=None):
        parser = super().build_option_parser(description, version, argparse_kwargs)
        parser.prog = "vbmc"
        self.NAME = "vbmc"
        parser.add_argument("--no-daemon", action="store_true")
        return parser


def run(arguments):
    stdout, stderr = io.StringIO(), io.StringIO()
    logging.getLogger("").handlers.clear()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            rc = OriginalVbmc(stdout, stderr).run(arguments)
        except SystemExit as exit:
            rc = exit.code or 0
    return {"rc": rc, "stdout": stdout.getvalue(), "stderr": stderr.getvalue()}


if __name__ == "__main__":
    if sys.argv[1:] == ["--batch"]:
        for line in sys.stdin:
            print(json.dumps(run(json.loads(line))), flush=True)
    else:
        sys.exit(OriginalVbmc().run(sys.argv[1:]))
