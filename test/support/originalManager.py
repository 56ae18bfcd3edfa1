"""What the original's manager reads and writes, rebuilt after its releases 0.0.1 to 0.3.0 (manager.py).

    originalManager.py CONFIG_DIR list                prints {"name": {option: value, ...}, ...} as JSON
    originalManager.py CONFIG_DIR start|stop NAME     writes `active`, as its start and stop do

Ends with exit code 1 and one line where the original fails. VBMC_OPTIONS has the options of a release, blank-separated.
"""

import configparser
import json
import os
import sys

SECTION = "VirtualBMC"
OPTIONS = os.environ["VBMC_OPTIONS"].split()


class NotFound(Exception):
    pass


def parse(config_dir, name):
    path = os.path.join(config_dir, name, "config")
    if not os.path.exists(path):
        raise NotFound("No VM with matching name %s was found" % name)
    config = configparser.ConfigParser()
    config.read(path)
    bmc = {}
    for option in OPTIONS:
        try:
            bmc[option] = config.get(SECTION, option)
        except configparser.NoOptionError:
            bmc[option] = None
    bmc["port"] = config.getint(SECTION, "port")
    return bmc


def store(config_dir, **options):
    config = configparser.ConfigParser()
    config.add_section(SECTION)
    for option, value in options.items():
        if value is not None:
            config.set(SECTION, option, str(value))
    with open(os.path.join(config_dir, options["vm_name"], "config"), "w") as file:
        config.write(file)


def list_all(config_dir):
    """The original fails as a whole for a folder without a file `config`."""
    names = [name for name in os.listdir(config_dir) if os.path.isdir(os.path.join(config_dir, name))]
    return {name: parse(config_dir, name) for name in sorted(names)}


try:
    config_dir, command = sys.argv[1:3]
    if command == "list":
        print(json.dumps(list_all(config_dir)))
    else:
        bmc = parse(config_dir, sys.argv[3])
        bmc["active"] = command == "start"
        store(config_dir, **bmc)
except (NotFound, configparser.Error, ValueError) as failure:
    print(failure, file=sys.stderr)
    sys.exit(1)
