"""Looks at VMs and changes them through pyVmomi: a vSphere client that is not ours.

Reads one JSON request a line on standard input, answers one JSON line on standard output.
The first request holds host, port, user and password.
"""
import http.client
import json
import ssl
import sys
import time

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim


def connect(request):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return SmartConnect(
        host=request["host"],
        port=request["port"],
        user=request["user"],
        pwd=request["password"],
        sslContext=context,
    )


def machines(instance):
    content = instance.RetrieveContent()
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    try:
        return {vm.name: vm for vm in view.view}
    finally:
        view.DestroyView()


def machines_now(instance):
    """A server closes a connection that was idle for long: pyVmomi notices when it asks, and asking again is harmless."""
    try:
        return machines(instance)
    except (OSError, http.client.HTTPException):
        return machines(instance)


def boot_order(options):
    """The base class alone is what clears an order, and govmomi's simulator keeps it."""
    kinds = {getattr(vim.vm.BootOptions, f"Bootable{kind}Device"): kind.lower() for kind in ("Ethernet", "Disk", "Cdrom", "Floppy")}
    return [kinds[type(device)] for device in options.bootOrder if type(device) in kinds]


def look(vm):
    options = vm.config.bootOptions
    return {
        "powerState": vm.runtime.powerState,
        "bootOrder": boot_order(options) if options else [],
        "enterBiosSetup": bool(options.enterBIOSSetup) if options else False,
        "uuid": vm.config.uuid,
        "instanceUuid": vm.config.instanceUuid,
    }


def hardware(vm):
    config = vm.config
    devices = config.hardware.device
    disks = [device for device in devices if isinstance(device, vim.vm.device.VirtualDisk)]
    cards = [device for device in devices if isinstance(device, vim.vm.device.VirtualEthernetCard)]
    controllers = (vim.vm.device.VirtualIDEController, vim.vm.device.VirtualSCSIController, vim.vm.device.VirtualSATAController)
    return {
        "cpuCount": config.hardware.numCPU,
        "coresPerSocket": config.hardware.numCoresPerSocket,
        "memorySizeMb": config.hardware.memoryMB,
        "cpuModel": vm.runtime.host.summary.hardware.cpuModel,
        "firmware": config.firmware,
        "controllers": [device.key for device in devices if isinstance(device, controllers)],
        "disks": [[disk.key, disk.controllerKey, disk.capacityInBytes or disk.capacityInKB * 1024, disk.backing.uuid] for disk in disks],
        "drives": [device.key for device in devices if isinstance(device, vim.vm.device.VirtualCdrom)],
        "cards": [[card.key, card.macAddress, card.connectable.connected] for card in cards],
        "addresses": [list(nic.ipAddress) for nic in vm.guest.net],
    }


def wait(task):
    while task.info.state not in ("success", "error"):
        time.sleep(0.02)  # a property filter, the other way to wait, is under test elsewhere
    if task.info.state == "error":
        raise task.info.error
    return task.info.result


def media(vm):
    """Each CD and floppy drive: its controller's type, the file in it, and whether it is connected."""
    devices = vm.config.hardware.device
    drives = [device for device in devices if isinstance(device, (vim.vm.device.VirtualCdrom, vim.vm.device.VirtualFloppy))]
    controllers = {device.key: type(device).__name__.rsplit(".", 1)[-1] for device in devices}
    return [
        {
            "controller": controllers.get(drive.controllerKey),
            "image": getattr(drive.backing, "fileName", None),
            "isConnected": drive.connectable.connected,
            "startsConnected": drive.connectable.startConnected,
        }
        for drive in drives
    ]


def serial_ports(vm):
    """What is behind each serial port, and whether it starts connected."""
    ports = [device for device in vm.config.hardware.device if isinstance(device, vim.vm.device.VirtualSerialPort)]
    return [
        {
            "backing": type(port.backing).__name__.rsplit(".", 1)[-1],
            "serviceUri": getattr(port.backing, "serviceURI", None),
            "direction": getattr(port.backing, "direction", None),
            "proxyUri": getattr(port.backing, "proxyURI", None),
            "startsConnected": port.connectable.startConnected if port.connectable else None,
            "yieldsOnPoll": port.yieldOnPoll,
        }
        for port in ports
    ]


def files(vm, folder):
    """Names and sizes of the files in a folder of the VM's first datastore."""
    datastore = vm.datastore[0]
    details = vim.host.DatastoreBrowser.FileInfo.Details(fileType=False, fileSize=True, modification=False, fileOwner=False)
    spec = vim.host.DatastoreBrowser.SearchSpec(details=details, matchPattern=["*"])
    try:
        found = wait(datastore.browser.SearchDatastore_Task(f"[{datastore.name}] {folder}", spec))
    except vim.fault.FileNotFound:
        return []
    return [[file.path, file.fileSize] for file in found.file]


def answer(instance, request):
    action = request["action"]
    if action == "names":
        return sorted(machines_now(instance))
    vm = machines_now(instance)[request["vm"]]
    if action == "look":
        return look(vm)
    if action == "hardware":
        return hardware(vm)
    if action == "media":
        return media(vm)
    if action == "serialPorts":
        return serial_ports(vm)
    if action == "files":
        return files(vm, request["folder"])
    if action == "statistics":
        statistics = vm.summary.quickStats
        return {"cpuMhz": statistics.overallCpuUsage, "consumedMemoryMb": statistics.hostMemoryUsage}
    if action in ("PowerOn", "PowerOff", "Reset", "Suspend"):
        wait(getattr(vm, action)())
        return None
    raise ValueError(f"unknown action {action}")


def main():
    instance = connect(json.loads(sys.stdin.readline()))
    print(json.dumps({"value": "connected"}), flush=True)
    for line in sys.stdin:
        try:
            reply = {"value": answer(instance, json.loads(line))}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {getattr(error, 'msg', error)}"}
        print(json.dumps(reply), flush=True)
    Disconnect(instance)


main()
