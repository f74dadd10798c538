"""How each contender starts its daemon. The daemon's program writes a line to a FIFO."""
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import places
import processes

JAVA_PROGRAM = "a Java program"
SHELL_PROGRAM = "/bin/sh"
APPLICATION = "a Java application"
QUESTION = "no daemon"

OURS = ("command", "command-sh", "api", "api-cache", "api-fast", "status", "stop")

# Those of docs/startup.md. ReadyApplication names them as options that the daemon does not get.
LAUNCHER_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=30")


@dataclass
class Contender:
    key: str
    name: str
    kind: str
    argv: Callable[[Path], list]  # from the directory of a run
    launcher_ends: bool = True  # and does not become the program
    accepted: tuple = (0,)  # exit statuses of the launcher
    missing: str = ""  # why it is skipped


def java_program(run):
    return [str(places.JAVA), "-cp", str(places.PROGRAMS), "ReadyProgram", str(run / "line")]


def shell_program(run):
    return ["/bin/sh", "-c", 'echo ready >"$0"; exec sleep 60', str(run / "line")]


def command(program):
    return lambda run: [str(places.COMMAND), "start", "--pid-file", str(run / "bench.pid"), "--log", str(run / "bench.log"),
                        "--quiet", "--", *program(run)]


def control(subcommand):
    return lambda run: [str(places.COMMAND), subcommand, "--pid-file", str(run / "bench.pid")]


def application(program, *options, subcommand="start"):
    path = places.class_path(places.PROGRAMS, places.LIBRARY)
    return lambda run: [str(places.JAVA), *options, "-cp", path, "--enable-native-access=ALL-UNNAMED",
                        f"-Dbench.directory={run}", program, subcommand, str(run / "line")]


def api(*options, subcommand="start"):
    return application("ReadyApplication", *options, subcommand=subcommand)


def waterfall(*options, subcommand="start"):
    return application("WaterfallApplication", *options, subcommand=subcommand)


def floor(*options, subcommand="start", launcher=()):
    """A launcher in Java that takes no step. Its second JVM gets the options too, except those of the launcher and in a
    training."""
    def argv(run):
        path = ["-cp", str(places.PROGRAMS)]
        inherited = options if subcommand == "start" else ()
        return [str(places.JAVA), *launcher, *options, *path, "--enable-native-access=ALL-UNNAMED", "FloorLauncher", subcommand,
                str(places.JAVA), *inherited, *path, "ReadyProgram", str(run / "line")]
    return argv


def akuma(run):
    path = places.class_path(places.PROGRAMS, places.lib("akuma"), places.lib("jna"))
    return [str(places.JAVA), "-cp", path, "--enable-native-access=ALL-UNNAMED", "AkumaApplication", str(run / "line"),
            str(run / "akuma.pid")]


def jsvc(run):
    path = places.class_path(places.COMMONS_DAEMON, places.PROGRAMS)
    return [places.program("jsvc"), "-java-home", str(places.JDK), "-pidfile", str(run / "jsvc.pid"), "-cp", path,
            "JsvcApplication", str(run / "line")]


def daemonize(program):
    return lambda run: [places.program("daemonize"), "-p", str(run / "daemonize.pid"), *program(run)]


def start_stop_daemon(program):
    def argv(run):
        path, *arguments = program(run)
        return [places.program("start-stop-daemon"), "--start", "--background", "--make-pidfile", "--pidfile",
                str(run / "ssd.pid"), "--startas", path, "--", *arguments]
    return argv


def python_daemon(program):
    return lambda run: ["/usr/bin/python3", "-B", str(places.BENCH / "contenders" / "python-daemon.py"), *program(run)]


def reference(directory, program):
    return lambda run: [str(directory / "reference"), *program(run)]


def two_jvms(run):
    """Without its last argument, the file, the program ends at once."""
    return ["/bin/sh", "-c", '"$1" "$2" "$3" "$4" && exec "$@"', "sh", *java_program(run)]


def cache(directory, name):
    return directory / f"{name}.aot"


def with_cache(directory, name):
    return f"-XX:AOTCache={cache(directory, name)}"


def all_contenders(directory):
    """Returns every contender. Those that cannot run say why."""
    found = [
        Contender("command", "`daemon-steps start`", JAVA_PROGRAM, command(java_program)),
        Contender("api-fast", "`Daemon.launch`, AOT cache and launcher options", APPLICATION,
                  api(*LAUNCHER_OPTIONS, with_cache(directory, "api"))),
        Contender("api-cache", "`Daemon.launch`, AOT cache", APPLICATION, api(with_cache(directory, "api"))),
        Contender("api", "`Daemon.launch`", APPLICATION, api()),
        Contender("akuma", "Akuma", APPLICATION, akuma),
        Contender("floor-fast", "floor of a launcher in Java, AOT cache and launcher options", APPLICATION,
                  floor(with_cache(directory, "floor"), launcher=LAUNCHER_OPTIONS)),
        Contender("floor", "floor of a launcher in Java", APPLICATION, floor()),
        Contender("jsvc", "jsvc", APPLICATION, jsvc),
        Contender("python", "python-daemon", JAVA_PROGRAM, python_daemon(java_program)),
        Contender("ssd", "start-stop-daemon", JAVA_PROGRAM, start_stop_daemon(java_program)),
        Contender("daemonize", "daemonize(1)", JAVA_PROGRAM, daemonize(java_program)),
        Contender("reference", "the C reference", JAVA_PROGRAM, reference(directory, java_program)),
        Contender("two-jvms", "two bare JVMs, one after the other", JAVA_PROGRAM, two_jvms, False),
        Contender("jvm", "one bare JVM", JAVA_PROGRAM, java_program, False),
        Contender("command-sh", "`daemon-steps start`", SHELL_PROGRAM, command(shell_program)),
        Contender("python-sh", "python-daemon", SHELL_PROGRAM, python_daemon(shell_program)),
        Contender("ssd-sh", "start-stop-daemon", SHELL_PROGRAM, start_stop_daemon(shell_program)),
        Contender("daemonize-sh", "daemonize(1)", SHELL_PROGRAM, daemonize(shell_program)),
        Contender("reference-sh", "the C reference", SHELL_PROGRAM, reference(directory, shell_program)),
        Contender("status", "`daemon-steps status`", QUESTION, control("status"), accepted=(3,)),
        Contender("stop", "`daemon-steps stop`", QUESTION, control("stop")),
        Contender("version", "`java -version`", QUESTION, lambda run: [str(places.JAVA), "-version"]),
    ]
    needed = {
        "jsvc": (places.program("jsvc") and places.COMMONS_DAEMON.exists(), "jsvc or libcommons-daemon-java"),
        "python": (Path("/usr/lib/python3/dist-packages/daemon").exists(), "python3-daemon"),
        "daemonize": (places.program("daemonize"), "daemonize"),
        "ssd": (places.program("start-stop-daemon"), "dpkg"),
        "reference": ((directory / "reference").exists(), "gcc or libc6-dev"),
        "api-cache": (cache(directory, "api").exists(), "the AOT cache"),
        "api-fast": (cache(directory, "api").exists(), "the AOT cache"),
        "floor-fast": (cache(directory, "floor").exists(), "the AOT cache"),
    }
    for contender in found:
        present, package = needed.get(contender.key.removesuffix("-sh"), (True, ""))
        if not present:
            contender.missing = f"{package} is missing"
    return found


def prepare(directory):
    """Compiles the C reference, and trains the AOT caches."""
    if gcc := places.program("gcc"):
        subprocess.run([gcc, "-O2", "-o", str(directory / "reference"), str(places.BENCH / "reference.c")], check=False)
    train(directory, "api", api)
    train(directory, "floor", floor)
    train(directory, "waterfall", waterfall)


def train(directory, name, argv):
    """Lets a JVM write an AOT cache by the subcommand for that."""
    written = cache(directory, name)
    command_line = argv(f"-XX:AOTCacheOutput={written}", subcommand="train")(directory)
    try:
        trained = subprocess.run(command_line, check=False, capture_output=True, timeout=60, env=processes.environment())
        if trained.returncode != 0:
            written.unlink(missing_ok=True)  # of a JVM that has not done what it should
    finally:
        processes.kill_all()
