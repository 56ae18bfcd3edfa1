"""The original's `vbmcd` as FIDELITY describes it, as far as its control socket goes: it serves no BMC.

    originalVbmcd.py PORT

Prints `ready` once it listens, then each request as one line of JSON. Like the original it takes the fields that it
needs from a request, and ends with a traceback where one is missing or unknown.
"""

import hashlib
import json
import sys

import zmq

bmcs = {}


def add(vm_name, username, password, port, address, fakemac, viserver, viserver_username, viserver_password, vm_uuid=None):
    if vm_name in bmcs:
        raise Failed("[Errno 17] File exists: '/home/user/.vbmc/%s'" % vm_name)
    digest = hashlib.md5(vm_name.encode()).hexdigest()
    bmcs[vm_name] = {
        "username": username, "password": password, "address": address, "port": port,
        "fakemac": fakemac or "02:00:00:%s:%s:%s" % (digest[0:2], digest[2:4], digest[4:6]),
        "vm_name": vm_name, "vm_uuid": vm_uuid, "viserver": viserver,
        "viserver_username": viserver_username, "viserver_password": viserver_password,
        "active": "False", "status": "down",
    }
    return {"msg": []}


class Failed(Exception):
    pass


def per_name(vm_names, work, prefix=""):
    messages = []
    for name in vm_names:
        if name in bmcs:
            work(name)
        else:
            messages.append("%sNo VM with matching name %s was found" % (prefix, name))
    return {"rc": 1 if messages else 0, "msg": messages}


def switch(active, status):
    return lambda name: bmcs[name].update(active=active, status=status)


def list_all(fakemac, **formatting):
    keys = ["vm_name", "status", "address", "port"] + (["fakemac"] if fakemac else [])
    header = ["VM name", "Status", "Address", "Port"] + (["Fake MAC"] if fakemac else [])
    return {"header": header, "rows": [[bmc[key] for key in keys] for bmc in bmcs.values()]}


def show(vm_name, columns, fit_width, formatter, max_width, noindent, print_empty, quote_mode, sort_columns, sort_direction):
    if vm_name not in bmcs:
        raise Failed("Command failed: No VM with matching name %s was found" % vm_name)
    hidden = {"password": "***", "viserver_password": "***"}
    return {"header": ["Property", "Value"], "rows": [[key, hidden.get(key, value)] for key, value in bmcs[vm_name].items()]}


commands = {
    "add": add,
    "delete": lambda vm_names: per_name(vm_names, bmcs.pop, "Command failed: "),
    "start": lambda vm_names: per_name(vm_names, switch("True", "running")),
    "stop": lambda vm_names: per_name(vm_names, switch("False", "down")),
    "list": list_all,
    "show": show,
}

socket = zmq.Context().socket(zmq.REP)
socket.bind("tcp://127.0.0.1:" + sys.argv[1])
print("ready", flush=True)
while True:
    request = json.loads(socket.recv().decode("utf-8"))
    print(json.dumps(request, sort_keys=True), flush=True)
    command = commands.get(request.pop("command"))
    try:
        reply = command(**request) if command else {"rc": 1, "msg": ["Unknown command"]}
    except Failed as failure:
        reply = {"rc": 1, "msg": [str(failure)]}
    socket.send(json.dumps(dict({"rc": 0}, **reply)).encode("utf-8"))
