/*
 * The seven steps in C, with a check of every result and nothing else, for comparison.
 *
 *   reference PROGRAM [ARG...]   makes a daemon of a program
 *   reference --time N           takes the steps N times; prints the microseconds of each
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void must(int result, const char *call)
{
        if (result == -1)
                err(1, "%s", call);
}

/* Returns in the daemon. The caller's process waits for the session leader and returns its pid; the daemon gets 0. */
static pid_t daemonize(int kept)
{
        pid_t child = fork();
        must(child, "fork");
        if (child > 0) {
                int status;
                must(waitpid(child, &status, 0), "waitpid");
                if (status != 0)
                        errx(1, "the steps failed");
                return child;
        }
        must(setsid(), "setsid");
        pid_t second = fork();
        must(second, "fork");
        if (second > 0)
                _exit(0);
        must(chdir("/"), "chdir");
        umask(0);
        if (kept > 3)
                must(close_range(3, kept - 1, 0), "close_range");
        must(close_range(kept > 2 ? kept + 1 : 3, ~0U, 0), "close_range");
        int null = open("/dev/null", O_RDWR);
        must(null, "open");
        for (int fd = 0; fd < 3; fd++)
                must(dup2(null, fd), "dup2");
        must(close(null), "close");
        return 0;
}

static double micros(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* The time from the first fork to the byte that the daemon sends after the last step. */
static double once(void)
{
        int ends[2];
        char byte = 0;
        must(pipe(ends), "pipe");
        double start = micros();
        if (daemonize(ends[1]) == 0) {
                must(write(ends[1], &byte, 1), "write");
                _exit(0);
        }
        must(read(ends[0], &byte, 1), "read");
        double end = micros();
        must(close(ends[0]), "close");
        must(close(ends[1]), "close");
        return end - start;
}

int main(int argc, char **argv)
{
        if (argc == 3 && strcmp(argv[1], "--time") == 0) {
                for (int i = atoi(argv[2]); i > 0; i--)
                        printf("%.1f\n", once());
                return 0;
        }
        if (argc < 2)
                errx(2, "usage: reference PROGRAM [ARG...] | --time N");
        if (daemonize(-1) == 0) {
                execv(argv[1], argv + 1);
                err(127, "%s", argv[1]);
        }
        return 0;
}
