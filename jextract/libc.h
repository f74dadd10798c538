/* Umbrella header for jextract: the C library as this project uses it. The symbols taken from it are
 * named one by one in symbols.txt. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <time.h>

/* For GNU the C library declares the address of a socket as a transparent union, which is not a type of other
 * languages. Without that macro the same functions take a pointer. */
#undef __USE_GNU
#include <sys/socket.h>
#define __USE_GNU 1
#include <netinet/in.h>
#include <sys/un.h>
