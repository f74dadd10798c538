"""Writes docs/benchmarks.md and the table in README.md from the results of a run."""
import contenders
import figures
import forks
import linking
import places
import steps

HEAD = """# Benchmarks

<!-- Written by bench/run. Do not edit: the next run overwrites this page. -->

`bench/run` has measured all of this in one session of {minutes:.0f} minutes, and has written this page. Machines differ, so
the ratios count more than the times. [bench/README.md](../bench/README.md) explains the measurements.
"""

GOALS = """## Goals

A ratio is one of medians. Missed goals are bold. *Floor* is the ratio of [FloorLauncher](../bench/contenders/FloorLauncher.java)
in place of `Daemon.launch`. FloorLauncher makes one downcall, starts a second JVM and takes no step. A launcher through
`java.lang.foreign` can hardly reach a goal below its floor on this machine.
"""

STARTS = """## Time to ready

A daemon is ready when its program has written a line to a FIFO. All contenders had their turn in each of {rounds} rounds, in
rotating order, after {looks} rounds that do not count. The table has medians and quartiles in milliseconds. *Launcher* is the
time until the started command has ended, and *CPU* is the processor time that it and its children have used.

`daemon-steps start` waits 200 ms after it has executed a program that does not report by itself that it is ready, and checks
that the program is still alive. The launcher of `Daemon.launch` waits until the application is ready. The other launchers do
not wait, and do not know whether the program started. The C reference checks the results of its calls alone.

The command has an AOT cache, which it makes for itself. Akuma and jsvc run without one. The two floors make no daemon: they
start a second JVM as FloorLauncher does, with one cache for both JVMs or without.
"""

QUESTIONS = """## status and stop

Both look for a daemon that does not exist. `java -version` starts a JVM that does nothing.
"""

STEPS = """## The seven steps alone

All seven steps with all their checks, in a JVM that is warm: [SevenSteps](../bench/steps/SevenSteps.java), by JMH with
SerialGC and one compiler, C1, that starts early. Every case ran once in each of {rounds}. The reports leave out the descriptors
(`DaemonSteps.withoutDescriptorLists`), unless the table says otherwise. The [C reference](../bench/reference.c) makes the
same calls, and checks their results but not their effect.
"""

LARGE = """## What a large launcher costs

The heap has been written to. The kernel copies the page tables of a process at each fork, but not those of the heap:
[ADR 15](adr/0015-heap-stays-out-of-the-child.md). Threads wait. A fork does not copy them, but it copies the
mappings of their stacks.
"""

DESCRIPTORS = """## What the limit of open descriptors costs, and what open ones cost

By default each report lists the open descriptors before and after its step, and finding out where one leads takes a system
call. `DaemonSteps.withoutDescriptorLists` leaves the lists out. CLOSE takes two calls, however many descriptors are open.
"""

FORKS = """## A fork that goes on in Java, and one that does not

`NaiveFork` forks its JVM. Each child makes four downcalls and ends, or executes `/bin/true` at once. A child that has not
ended after a second hangs: it is killed and counted. One that ends by itself with another status than 0 has crashed. After
{enough} children that hang a run stops. `daemon-steps` takes all seven steps and checks each. {threads} threads allocate memory
meanwhile, and the heap is at most 256 MiB. ZGC maps its heap shared: a child writes into the heap of its parent.
"""

CARRIES = """## What a daemon carries

Each launcher has a descriptor open that is not close-on-exec, a working directory of its own and the umask 022. The table has
what its daemon is left with. *Processes* counts those that stay beside the daemon. *Descriptors* are those above 2, and the
number includes those that the program opens by itself. *Launcher* is the most memory that the launcher was seen to have, and
*Memory* is the resident memory of the daemon.
"""

README_BEGIN = "<!-- written by bench/run: begin -->"
README_END = "<!-- written by bench/run: end -->"

README = """
Medians of {rounds} starts each, on {processor}, {date}:
"""

NO_WAIT = "does not wait"

README_ROWS = {
    "jsvc": ("jsvc", NO_WAIT),
    "python": ("python-daemon", NO_WAIT),
    "two-jvms": ("two bare JVMs, one after the other", "makes no daemon"),
    "command": ("`daemon-steps start`", "waits 200 ms, and checks that the program is alive"),
    "akuma": ("Akuma", NO_WAIT),
    "api-fast": ("`Daemon.launch` with an AOT cache and [launcher options](docs/startup.md#options-of-the-launcher-alone)",
                 "waits until the application is ready"),
    "api-cache": ("`Daemon.launch` with an AOT cache", "waits until the application is ready"),
    "api": ("`Daemon.launch`", "waits until the application is ready"),
}

LINKING = """## What linking costs

`LinkingCost` links the ten C functions that a fork needs, in a JVM that has just started. The table has milliseconds.
"""


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"
    yield ""


def plot(drawn, name, text):
    if name in drawn:
        yield f"![{text}](benchmarks/{name}.svg)"
        yield ""


def write(results, drawn):
    lines = [*head(results), *goal_table(results), *start_tables(results, drawn), *step_tables(results, drawn),
             *fork_table(results, drawn), *carry_table(results), *linking_table(results), *skipped(results)]
    places.PAGE.write_text("\n".join(lines).rstrip() + "\n")
    write_readme(results)


def write_readme(results):
    """Replaces the lines between the two markers in README.md, and leaves all others as they are."""
    before, begin, rest = places.README.read_text().partition(README_BEGIN)
    _, end, after = rest.partition(README_END)
    if not end:
        raise ValueError(f"{places.README.name} does not have the lines '{README_BEGIN}' and '{README_END}'")
    places.README.write_text("\n".join([before + begin, *readme_table(results), end + after]))


def readme_table(results):
    found = {key: results["starts"][key]["ready"] for key in README_ROWS if key in results["starts"]}
    yield README.format(rounds=max(ready["count"] for ready in found.values()), **results["machine"])
    rows = sorted(found.items(), key=lambda item: item[1]["median"])
    yield from table(["start", "time to ready", "its launcher"],
                     [[README_ROWS[key][0], f"{ready['median']:,.0f} ms", README_ROWS[key][1]] for key, ready in rows])


def head(results):
    machine = results["machine"]
    before, after = results["load"]
    yield HEAD.format(minutes=results["minutes"])
    yield from table(["", ""], [
        ["date", machine["date"]],
        ["machine", f"{machine['processor']}, {machine['memory']}"],
        ["system", machine["system"]],
        ["highest limit of descriptors", machine["limit"]],
        ["load before and after", f"{before:.1f}, {after:.1f}"],
        *[[name, version] for name, version in machine["versions"].items()],
    ])


def measured(goal):
    if goal["measured"] is None:
        return "not measured"
    text = figures.number(goal["measured"]) if goal["unit"] != "runs" else f"{goal['measured']}"
    return f"{text} {goal['unit']}"


def floor(goal):
    """Returns the floor of a goal, or an empty text: few goals have one, and old results have none."""
    value = goal.get("floor")
    return "" if value is None else f"{figures.number(value)} {goal['unit']}"


def goal_line(goal):
    state = {None: "not measured", True: "reached", False: "MISSED"}[goal["met"]]
    beside = f", floor {floor(goal)}" if floor(goal) else ""
    return f"{state}: {goal['goal'].replace('`', '')}: {measured(goal)}, goal {goal['limit']} {goal['unit']}{beside}"


def goal_table(results):
    yield GOALS
    rows = []
    for goal in results["goals"]:
        row = [goal["goal"], measured(goal), floor(goal), f"at most {goal['limit']} {goal['unit']}",
               {None: "", True: "yes", False: "missed"}[goal["met"]]]
        rows.append([f"**{cell}**" if cell else "" for cell in row] if goal["met"] is False else row)
    yield from table(["goal", "measured", "floor", "wanted", "reached"], rows)


def start_tables(results, drawn):
    starts = results["starts"]
    count = max(each["ready"]["count"] for each in starts.values())
    yield STARTS.format(rounds=count, looks="two")
    yield from plot(drawn, "ready", "Time to ready of each contender")
    for kind in (contenders.APPLICATION, contenders.JAVA_PROGRAM, contenders.SHELL_PROGRAM):
        yield from start_table(starts, kind, f"{kind[0].upper()}{kind[1:]}")
    yield QUESTIONS
    yield from start_table(starts, contenders.QUESTION, "")


def start_table(starts, kind, title):
    found = [each for each in starts.values() if each["kind"] == kind]
    question = kind == contenders.QUESTION
    rows = []
    for each in sorted(found, key=lambda each: each["ready"]["median"]):
        row = [each["name"], figures.median(each["ready"]), figures.spread(each["ready"])]
        if not question:
            row.append(figures.median(each["launcher"]) if "launcher" in each else "")
        rows.append([*row, figures.median(each["cpu"]) if "cpu" in each else ""])
    yield from table([title, "ended" if question else "ready", "quartiles", *([] if question else ["launcher"]), "CPU"], rows)


def step_rows(results, named):
    for key, name in named:
        if key in results["steps"]:
            time = results["steps"][key]["time"]
            base = results["steps"]["base"]["time"]
            yield [name, figures.median(time), figures.spread(time), figures.number(time["median"] / base["median"])]
        elif key in results["steps skipped"]:
            yield [name, f"skipped: {results['steps skipped'][key]}", "", ""]


def step_tables(results, drawn):
    def rows(head, named):
        return table([head, "milliseconds", "quartiles", "ratio"], step_rows(results, named))

    limit = results["machine"]["limit"]
    yield STEPS.format(rounds=f"{results['step rounds']} rounds" if results["step rounds"] > 1 else "one round")
    yield from rows("", [("base", "daemon-steps, warm"), ("lists-0", "the same with lists of descriptors"),
                         ("c", "the C reference")])
    yield LARGE
    yield from plot(drawn, "steps", "Time of the seven steps by heap, descriptors and threads")
    yield from rows("launcher", [("base", "small heap"), *[(f"heap-{size}", f"{size} GiB of heap") for size in (1, 2, 4, 8)],
                                 *[(f"threads-{count}", f"{count:,} threads") for count in (100, 1000)]])
    yield DESCRIPTORS
    yield from rows("descriptors", [("low-limit", f"none more, limit {steps.LOW_LIMIT:,}"),
                                    ("base", f"none more, limit {limit}"),
                                    ("descriptors-1000", "1,000"), ("descriptors-10000", "10,000"),
                                    ("lists-0", "none more, with lists"), ("lists-1000", "1,000, with lists"),
                                    ("lists-10000", "10,000, with lists")])


def fork_table(results, drawn):
    yield FORKS.format(enough="ten", threads="Two")
    yield from plot(drawn, "forks", "Share of children that hung or crashed")
    rows = []
    for kind, name in forks.KINDS.items():
        for collector in forks.COLLECTORS:
            if cell := results["forks"].get(f"{kind} {collector}"):
                of = f"of {cell['children']}"
                rows.append([name, collector, f"{cell['hung']} {of}", f"{cell['crashed']} {of}", cell["parents"]])
    yield from table(["", "collector", "hung", "crashed", "their parent"], rows)


def carry_table(results):
    yield CARRIES
    rows = []
    for key, each in results["carries"].items():
        start = results["starts"][key]
        session = "leads it" if each["leads"] else "member" if each["own session"] else "the launcher's"
        rows.append([start["name"], start["kind"], each["extra"], each["threads"], each["descriptors"],
                     "kept" if each["inherits"] else "closed", session, f"`{each['directory']}`", each["umask"],
                     f"{figures.number(each['launcher'])} MiB" if each["launcher"] else "too short to see",
                     f"{figures.number(each['memory'])} MiB"])
    yield from table(["", "program", "processes", "threads", "descriptors", "inherited one", "session", "directory", "umask",
                      "launcher", "memory"], rows)
    if "api" in results["carries"] and "jvm" in results["carries"]:
        library, bare = (results["carries"][key]["memory"] for key in ("api", "jvm"))
        yield (f"The application with the library takes {figures.number(library)} MiB, and the same application without it "
               f"{figures.number(bare)} MiB.\n")


def linking_table(results):
    yield LINKING
    yield from table(["what is linked", "median", "quartiles"],
                     [[linking.MODES[mode], figures.median(each), figures.spread(each)]
                      for mode, each in results["linking"].items()])


def skipped(results):
    if results["skipped"]:
        yield "## Skipped\n"
        yield from table(["contender", "program", "reason"],
                         [[each["name"], each["kind"], " ".join(each["why"].split())] for each in results["skipped"].values()])
