"""The time that is left for a part of the measurements."""
import os
import time

TOTAL_SECONDS = 570  # of the 10 minutes, with a margin for the page


class Budget:
    """Rounds go on until their number or their time is used up."""

    def __init__(self):
        self.end = time.time() + TOTAL_SECONDS
        if start := os.environ.get("BENCH_START"):
            self.end = int(start) + TOTAL_SECONDS

    def left(self):
        return self.end - time.time()

    def rounds(self, share, least, most):
        """Yields the numbers of rounds, within a share of the time that is left. The first rounds, least, always run."""
        end = time.time() + share * max(0, self.left())
        longest = 0
        for number in range(most):
            start = time.time()
            if number >= least and start + longest > end:
                return
            yield number
            longest = max(longest, time.time() - start)


def rotated(contenders, number):
    """Returns the contenders in the order of a round: each of them is first once."""
    first = number % len(contenders)
    return contenders[first:] + contenders[:first]
