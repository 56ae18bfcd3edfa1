"""Drives a Redfish service by OpenStack's sushy, in one session: a line of JSON asks, a line of JSON answers."""

import json
import sys

import sushy

port, user, password, authority = sys.argv[1:]
root = sushy.Sushy(f"https://127.0.0.1:{port}", user, password, verify=authority)


def system():
    return root.get_system("/redfish/v1/Systems/1")


def boot(one):
    found = one.boot
    return {
        "target": found.target and found.target.value,
        "enabled": found.enabled and found.enabled.value,
        "mode": found.mode and found.mode.value,
    }


def inventory(one):
    return {
        "identity": [one.name, one.uuid, one.manufacturer, one.serial_number],
        "memoryGib": one.memory_summary.size_gib,
        "cpu": [one.processors.summary.count, one.processors.summary.architecture.value],
        "macs": one.ethernet_interfaces.summary,
        "storage": [
            [disk.capacity_bytes for disk in part.drives] for part in one.storage.get_members()
        ],
        "largestGib": one.simple_storage.max_size_bytes,
        "chassis": [chassis.identity for chassis in one.chassis],
        "managers": [manager.identity for manager in one.managers],
    }


def attempt(action):
    try:
        action()
        return None
    except sushy.exceptions.SushyError as error:
        return str(error)


def drive(one):
    """The first that takes a CD, as Ironic looks for it."""
    for manager in one.managers:
        for media in manager.virtual_media.get_members():
            if sushy.VIRTUAL_MEDIA_CD in media.media_types:
                return media


def media(one):
    found = drive(one)
    return {"inserted": found.inserted, "image": found.image, "verifies": found.verify_certificate}


steps = {
    "media": media,
    "insertMedia": lambda one, url: attempt(lambda: drive(one).insert_media(url)),
    "ejectMedia": lambda one: attempt(lambda: drive(one).eject_media()),
    "verifyMedia": lambda one, verifies: drive(one).set_verify_certificate(verifies == "true"),
    "power": lambda one: one.power_state.value,
    "session": lambda one: type(root._auth).__name__ + " " + str(root._conn._session.headers.get("X-Auth-Token") is not None),
    "reset": lambda one, kind: one.reset_system(sushy.ResetType(kind)),
    "boot": boot,
    "setBoot": lambda one, target, enabled: one.set_system_boot_options(
        target=sushy.BootSource(target), enabled=sushy.BootSourceOverrideEnabled(enabled)
    ),
    "setBootTarget": lambda one, target: one.set_system_boot_options(target=sushy.BootSource(target)),
    "setMode": lambda one, mode: attempt(
        lambda: one.set_system_boot_options(mode=sushy.BootSourceOverrideMode(mode))
    ),
    "inventory": inventory,
    "logOut": lambda one: root._auth.close(),
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": steps[request["step"]](system(), *request["args"])}
    except Exception as error:  # whatever it is, the test is to see it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=lambda each: each.value), flush=True)
