"""What the figures depend on: the machine, and the versions of all that is measured."""
import datetime
import os
import re
import subprocess
import zipfile
from pathlib import Path

import places
import steps

PACKAGES = ("jsvc", "libcommons-daemon-java", "daemonize", "dpkg", "python3-daemon", "python3", "gcc")


def describe():
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "processor": f"{os.cpu_count()} cores, {field('/proc/cpuinfo', 'model name') or os.uname().machine}",
        "memory": f"{int(field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "system": f"{field('/etc/os-release', 'PRETTY_NAME', '=').strip(chr(34))}, Linux {os.uname().release}",
        "limit": f"{steps.highest_limit():,}",
        "versions": versions(),
    }


def field(file, name, separator=":"):
    """Returns the first value of this name in a file of names and values."""
    for line in Path(file).read_text().splitlines():
        key, found, value = line.partition(separator)
        if found and key.strip() == name:
            return value.strip()
    return ""


def versions():
    found = {"daemon-steps": output(str(places.COMMAND), "--version").split()[-1] + commit(),
             "the JDK": output(str(places.JAVA), "--version").splitlines()[0]}
    for package in PACKAGES:
        if version := output("dpkg-query", "-W", "-f=${Version}", package):
            found[package] = version
    for artifact in ("akuma", "jna", "jmh-core"):
        found[artifact] = artifact_version(places.lib(artifact))
    return found


def commit():
    name = output("git", "-C", str(places.ROOT), "describe", "--always", "--dirty")
    return f", commit {name}" if name else ""


def artifact_version(jar):
    """Returns the version in the Maven properties or the manifest of a jar."""
    with zipfile.ZipFile(jar) as file:
        names = [name for name in file.namelist() if name.endswith("pom.properties")] + ["META-INF/MANIFEST.MF"]
        for name in names:
            if match := re.search(r"^(?:version=|Implementation-Version: |Bundle-Version: )(\S+)", file.read(name).decode(),
                                  re.MULTILINE):
                return match.group(1)
    return "unknown"


def output(*argv):
    try:
        return subprocess.run(argv, check=False, capture_output=True, text=True, timeout=30).stdout.strip()
    except OSError:
        return ""


def load():
    """Returns the average number of processes that wanted to run in the last minute: other work makes times long."""
    return os.getloadavg()[0]
