"""Measures everything, and writes the page. main.py [--page]: the page alone, from the results of the last run."""
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import contenders
import figures
import forks
import goals
import linking
import machine
import page
import places
import plots
import processes
import starts
import steps
import waterfall
from budget import TOTAL_SECONDS, Budget, rotated

LOOKING_ROUNDS = 2  # warm up, and look at what the daemons carry; their times are dropped
TIMES = ("ready", "launcher", "cpu")


def tell(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measure_starts(directory, budget, results):
    found = contenders.all_contenders(directory)
    skipped = {each.key: {"name": each.name, "kind": each.kind, "why": each.missing} for each in found if each.missing}
    running = [each for each in found if not each.missing]
    samples = {each.key: {} for each in running}
    looks = {each.key: [] for each in running}
    for number in budget.rounds(0.35, LOOKING_ROUNDS + 2, LOOKING_ROUNDS + 20):
        tell(f"starts, round {number}")
        for contender in rotated(running, number):
            try:
                result = starts.start(contender, directory, look=number < LOOKING_ROUNDS)
            except starts.Failed as failure:
                tell(f"{contender.key}: {failure}")
                skipped[contender.key] = {"name": contender.name, "kind": contender.kind, "why": str(failure)}
                running = [each for each in running if each is not contender]
                continue
            if number < LOOKING_ROUNDS:
                looks[contender.key] += [result["carries"]] if "carries" in result else []
                continue
            for field in TIMES:
                if field in result:
                    samples[contender.key].setdefault(field, []).append(result[field])
    for contender in running:
        found = {field: figures.summary(values) for field, values in samples[contender.key].items()}
        results["starts"][contender.key] = {"name": contender.name, "kind": contender.kind} | found
        if looks[contender.key]:
            results["carries"][contender.key] = merged(looks[contender.key])
    results["skipped"] = skipped


def merged(looks):
    """Returns the last look, with the median of what differs from one to the next."""
    last = dict(looks[-1])
    for field in ("memory", "launcher"):
        values = [look[field] for look in looks if look[field] is not None]
        last[field] = figures.summary(values)["median"] if values else None
    return last


def measure_waterfall(directory, budget, results):
    cases = waterfall.cases(directory)
    samples = {(name, observed): [] for name, observed, _ in cases}
    for number in budget.rounds(0.1, 3, 11):
        tell(f"the parts of a start, round {number}")
        for name, observed, options in rotated(cases, number):
            try:
                marks = waterfall.measure(options, directory)
            except starts.Failed as failure:
                tell(f"{name}: {failure}")
                continue
            if number > 0:
                samples[name, observed].append(marks)
    for (name, observed), found in samples.items():
        if found:
            key = "marks" if observed else "not observed"
            results["waterfall"].setdefault(name, {})[key] = waterfall.summary(found)


def measure_steps(directory, budget, results):
    results["steps skipped"] = steps.skipped()
    if not (directory / "reference").exists():
        results["steps skipped"]["c"] = "gcc or libc6-dev is missing"
    cases = [case for case in steps.CASES if case.key not in results["steps skipped"]]
    samples = {case.key: [] for case in cases}
    for number in budget.rounds(0.5, 1, 4):
        tell(f"the seven steps, round {number}")
        for case in rotated(cases, number):
            samples[case.key] += steps.measure(case, directory)
        results["step rounds"] = number + 1
    results["steps"] = {key: {"time": figures.summary(values)} for key, values in samples.items()}


def measure_forks(budget, results):
    cells = [(kind, collector) for collector in forks.COLLECTORS for kind in forks.KINDS]
    for number in budget.rounds(0.9, 1, 2):
        tell(f"forks, round {number}")
        for kind, collector in rotated(cells, number):
            counted = forks.measure(kind, collector)
            cell = results["forks"].setdefault(f"{kind} {collector}", {"kind": kind, "collector": collector, "children": 0,
                                                                     "hung": 0, "crashed": 0, "parents": "lived"})
            for field in ("children", "hung", "crashed"):
                cell[field] += counted[field]
            if counted["parent"] != "lived":
                cell["parents"] = counted["parent"]


def measure_linking(budget, results):
    samples = {mode: [] for mode in linking.MODES}
    for number in budget.rounds(1, 2, 6):
        for mode in rotated(list(linking.MODES), number):
            milliseconds = linking.measure(mode)
            if number > 0:
                samples[mode].append(milliseconds)
    results["linking"] = {mode: figures.summary(values) for mode, values in samples.items()}


def measure(directory):
    budget = Budget()
    results = {"machine": machine.describe(), "starts": {}, "carries": {}, "forks": {}, "waterfall": {},
               "load": [machine.load()]}
    tell("preparing")
    contenders.prepare(directory)
    os.chdir(directory)
    os.umask(0o022)
    measure_starts(directory, budget, results)
    measure_waterfall(directory, budget, results)
    measure_steps(directory, budget, results)
    measure_forks(budget, results)
    measure_linking(budget, results)
    results["load"].append(machine.load())
    results["minutes"] = (TOTAL_SECONDS - budget.left()) / 60
    return results


def stop(*_):
    raise KeyboardInterrupt


def main():
    if sys.argv[1:] == ["--page"]:
        results = json.loads(places.RESULTS.read_text())
    else:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)
        directory = Path(tempfile.mkdtemp(prefix="daemon-steps-bench-"))
        try:
            results = measure(directory)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            processes.kill_all()
            shutil.rmtree(directory)
        results["goals"] = goals.goals(results)
        places.RESULTS.write_text(json.dumps(results, indent=1))
    drawn = plots.draw(results)
    page.write(results, drawn)
    for each in results["goals"]:
        print(page.goal_line(each))
    print(f"{places.PAGE.relative_to(places.ROOT)}: written, {results['minutes']:.1f} minutes")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; all processes are ended, and no page is written")
