"""Measures how long a JVM that has just started takes to link ten C functions."""
import re
import subprocess

import places
import processes

MODES = {
    "one": "one form of six words, for all ten functions",
    "each": "ten functions, each with its own types and errno",
    "both": "the same, and the handle without errno that comes with every address of a jextract binding",
}


def measure(mode):
    """Returns milliseconds."""
    argv = [str(places.JAVA), "--enable-native-access=ALL-UNNAMED", "-cp", str(places.PROGRAMS), "LinkingCost", mode]
    output = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60, env=processes.environment()).stdout
    return float(re.search(r"([\d.]+) ms", output).group(1))
