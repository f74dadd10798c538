"""What closing every number below N costs, as daemons long did up to the limit; for comparison with Limits.java."""
import os
import statistics
import sys
import time

LIMIT = int(sys.argv[1])


def close_all():
    for fd in range(3, LIMIT):
        try:
            os.close(fd)
        except OSError:
            pass


def forked():
    """The loop in a child of its own, in milliseconds."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.dup2(writing, 1)
        start = time.perf_counter()
        close_all()
        os.write(1, b"%f" % ((time.perf_counter() - start) * 1000))
        os._exit(0)
    os.close(writing)
    millis = float(os.read(reading, 100))
    os.close(reading)
    os.wait()
    return millis


print(f"{LIMIT:,} numbers: a loop of close in Python, median {statistics.median(forked() for _ in range(20)):.2f} ms")
