"""The paths of files and programs that the benchmark uses."""
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
COMMAND = ROOT / "daemon-steps"
BUILT = ROOT / "target" / "bench"
RESULTS = BUILT / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
PLOTS = ROOT / "docs" / "benchmarks"

LIBRARY = ROOT / "target" / "daemon-steps.jar"
PROGRAMS = BUILT / "daemon-steps-bench.jar"
COMMONS_DAEMON = Path("/usr/share/java/commons-daemon.jar")

JDK = Path(os.environ.get("BENCH_JDK", "/usr/lib/jvm/default"))
JAVA = JDK / "bin" / "java"


def lib(name):
    return BUILT / "lib" / f"{name}.jar"


def class_path(*files):
    return ":".join(str(file) for file in files)


def program(name):
    """Returns the absolute path of a program, or None."""
    return shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
