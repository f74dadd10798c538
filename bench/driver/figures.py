"""Medians, quartiles and how they are written."""
import statistics


def summary(samples):
    """Returns the median and the quartiles of the samples."""
    if len(samples) == 1:
        return {"median": samples[0], "low": samples[0], "high": samples[0], "count": 1}
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return {"median": median, "low": low, "high": high, "count": len(samples)}


def number(value):
    """Returns a number with as many digits as make sense."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def median(summed):
    return number(summed["median"])


def spread(summed):
    return f"{number(summed['low'])} to {number(summed['high'])}"
