"""What daemon-steps wants to reach, each goal with what was measured."""
import forks


def ratio(results, part, one, other, field="ready"):
    """Returns the ratio of two medians, or None if one of them was not measured."""
    try:
        return results[part][one][field]["median"] / results[part][other][field]["median"]
    except KeyError:
        return None


def goal(text, measured, limit, unit="×", floor=None):
    """Returns a goal. The floor is what a launcher that takes no step reaches."""
    met = None if measured is None else measured <= limit
    return {"goal": text, "limit": limit, "unit": unit, "measured": measured, "met": met, "floor": floor}


def goals(results):
    def starts(one, other):
        return ratio(results, "starts", one, other)

    def steps(one, other="base"):
        return ratio(results, "steps", one, other, "time")

    base = results["steps"].get("base")
    ours = [cell for cell in results["forks"].values() if cell["kind"] == "ours"]
    failed = sum(cell["hung"] + cell["crashed"] for cell in ours) + sum(cell["parents"] != "lived" for cell in ours)
    return [
        goal("`daemon-steps start` of a Java program, against Akuma", starts("command", "akuma"), 0.4),
        goal("the same, against two bare JVMs", starts("command", "two-jvms"), 2),
        goal("`Daemon.launch` without an AOT cache, against Akuma", starts("api", "akuma"), 0.7,
             floor=starts("floor", "akuma")),
        goal("`Daemon.launch` with an AOT cache and launcher options, against Akuma", starts("api-fast", "akuma"), 0.4,
             floor=starts("floor-fast", "akuma")),
        goal("`daemon-steps status`, against `java -version`", starts("status", "version"), 3),
        goal("`daemon-steps stop`, against `java -version`", starts("stop", "version"), 3),
        goal("the seven steps in a warm JVM", base and base["time"]["median"], 5, "ms"),
        goal("the seven steps with 8 GiB of heap, against a small heap", steps("heap-8"), 1.5),
        goal("the seven steps with 10,000 descriptors, against few", steps("descriptors-10000"), 3),
        # The same, but for noise.
        goal("the seven steps at the highest `RLIMIT_NOFILE`, against 1,024", steps("base", "low-limit"), 1.1),
        goal(f"failed runs of the seven steps on {len(forks.COLLECTORS)} collectors", failed if ours else None, 0, "runs"),
    ]
