"""Draws the plots, in colours that can be read on a light and on a dark page. Without matplotlib there are none."""
import contenders
import figures
import forks
import places
import waterfall

try:
    import matplotlib
    matplotlib.use("svg")
    from matplotlib import pyplot
except ImportError:
    pyplot = None

INK = "#7a828e"
OURS = "#2f81d7"
OTHERS = "#9aa2ad"
CRASHED = "#c9772b"
DAEMON = "#2da44e"


def draw(results):
    """Returns the names of the plots that were drawn."""
    if pyplot is None:
        return []
    places.PLOTS.mkdir(exist_ok=True)
    pyplot.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "daemon-steps", "font.family": "sans-serif", "font.size": 10,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10, "legend.frameon": False,
    })
    drawn = {"ready": ready(results), "steps": steps(results), "forks": hangs(results)}
    if observed := {name: each for name, each in results.get("waterfall", {}).items() if "marks" in each}:
        drawn["waterfall"] = parts_of_start(observed)
    for name, figure in drawn.items():
        figure.savefig(places.PLOTS / f"{name}.svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
        pyplot.close(figure)
    return list(drawn)


def ready(results):
    kinds = (contenders.APPLICATION, contenders.JAVA_PROGRAM, contenders.SHELL_PROGRAM)
    groups = [sorted((item for item in results["starts"].items() if item[1]["kind"] == kind),
                     key=lambda item: -item[1]["ready"]["median"]) for kind in kinds]
    figure, axes = pyplot.subplots(3, 1, figsize=(8, 7), sharex=True, layout="constrained",
                                   height_ratios=[len(group) for group in groups])
    for axis, kind, group in zip(axes, kinds, groups):
        for row, (key, each) in enumerate(group):
            time = each["ready"]
            axis.barh(row, time["median"], color=OURS if key in contenders.OURS else OTHERS)
            axis.plot([time["low"], time["high"]], [row, row], color=INK, linewidth=2)
            axis.text(time["high"], row, f"  {time['median']:,.0f}", va="center")
        axis.set_yticks(range(len(group)), [each["name"].replace("`", "") for _, each in group])
        axis.set_title(kind, loc="left")
    axes[-1].set_xlabel("milliseconds until the daemon's program has written a line: medians and quartiles")
    return figure


def steps(results):
    series = [
        ("GiB of heap", [(0, "base"), *[(size, f"heap-{size}") for size in (1, 2, 4, 8)]]),
        ("descriptors", [(0, "base"), (1000, "descriptors-1000"), (10000, "descriptors-10000")]),
        ("threads", [(1, "base"), (100, "threads-100"), (1000, "threads-1000")]),
    ]
    figure, axes = pyplot.subplots(1, 3, figsize=(8, 2.8), sharey=True, layout="constrained")
    for axis, (label, points) in zip(axes, series):
        found = [(x, results["steps"][key]["time"]) for x, key in points if key in results["steps"]]
        middle = [time["median"] for _, time in found]
        axis.errorbar([x for x, _ in found], middle, color=OURS, marker="o", ecolor=INK,
                      yerr=[[time["median"] - time["low"] for _, time in found],
                            [time["high"] - time["median"] for _, time in found]])
        axis.set_xlabel(label)
        axis.xaxis.set_major_formatter("{x:,.0f}")
    axes[0].set_ylim(bottom=0)
    axes[0].set_ylabel("milliseconds")
    return figure


def hangs(results):
    figure, axis = pyplot.subplots(figsize=(8, 2.8), layout="constrained")
    labels = []
    for group, kind in enumerate(forks.KINDS):
        for place, collector in enumerate(forks.COLLECTORS):
            cell = results["forks"].get(f"{kind} {collector}")
            if not cell:
                continue
            x = group * (len(forks.COLLECTORS) + 1) + place
            labels.append((x, f"{collector}\n{forks.KINDS[kind]}" if place == 1 else collector))
            if cell["parents"] != "lived":  # few children were counted
                axis.text(x, 0, f" parent {cell['parents']}", ha="center", va="bottom", rotation=90)
                continue
            hung, crashed = (100 * cell[field] / cell["children"] for field in ("hung", "crashed"))
            axis.bar(x, hung, color=OTHERS, label="hung")
            axis.bar(x, crashed, bottom=hung, color=CRASHED, label="crashed")
            axis.text(x, hung + crashed, f"{hung + crashed:.0f}", ha="center", va="bottom")
    axis.set_xticks([x for x, _ in labels], [text for _, text in labels])
    axis.set_ylabel("% of the children")
    handles, names = axis.get_legend_handles_labels()
    unique = dict(zip(names, handles))
    axis.legend(unique.values(), unique.keys(), loc="upper right")
    return figure


def parts_of_start(cases):
    figure, axes = pyplot.subplots(len(cases), 1, figsize=(8, 4.2 * len(cases)), sharex=True, squeeze=False,
                                   layout="constrained")
    for axis, (name, case) in zip(axes[:, 0], cases.items()):
        rows = waterfall.parts(case["marks"])
        for row, (_, is_launcher, first, last) in enumerate(rows):
            begin, end = case["marks"].get(first, 0), case["marks"][last]
            axis.barh(row, end - begin, left=begin, color=OURS if is_launcher else DAEMON,
                      label="the launcher" if is_launcher else "the daemon")
            axis.text(end, row, f"  {figures.number(end - begin)}", va="center")
        axis.set_yticks(range(len(rows)), [label for label, *_ in rows])
        axis.invert_yaxis()
        axis.margins(x=0.08)
        axis.set_title(f"{name}{not_observed(case)}", loc="left")
    handles, names = axes[0, 0].get_legend_handles_labels()
    unique = dict(zip(names, handles))
    axes[0, 0].legend(unique.values(), unique.keys(), loc="lower left")
    axes[-1, 0].set_xlabel("milliseconds since the launcher was started: medians")
    return figure


def not_observed(case):
    """Returns how long the same start takes if its steps are not observed, or an empty text."""
    if "not observed" not in case:
        return ""
    return f": {case['marks']['ended']:,.0f} ms; {case['not observed']['ended']:,.0f} ms if the steps are not observed"
