"""Makes a daemon of a program by python-daemon with its defaults. python-daemon.py PROGRAM [ARG...]"""
import os
import sys

import daemon

with daemon.DaemonContext():
    for fd in (0, 1, 2):  # open on /dev/null, and close-on-exec
        os.set_inheritable(fd, True)
    os.execv(sys.argv[1], sys.argv[1:])
