// The relay for aarch64: forks, and in the child makes the C calls that the launcher requests.
//
//     long relay(struct block *block)
//
// The launcher calls the relay as an ordinary C function. In the launcher the relay returns the child's pid,
// or the negated errno of the fork. In the child the relay never returns. The child reads one byte from the
// control socket, makes the calls that the launcher has written into the block, and writes one byte back. The
// child repeats that until it becomes another program (execve), is told to exit (_exit), or sees end of file.
// At end of file the child makes its launcher-death calls, if it has any, and exits.
//
// The block lies in memory that launcher and child share. After a fork, no decision depends on the content of
// the block: the launcher may have written its next request already. Registers hold the values for decisions.
//
// The code is position independent, without data, and uses no stack beyond its own frame. The script assemble
// creates the machine code. The tests compare the offsets and numbers with the Java layout, the bindings and
// the kernel's headers.

// struct block
        .set BLOCK_FORK, 0              // address of fork(2)
        .set BLOCK_ERRNO_LOCATION, 8    // address of __errno_location, where the C library keeps errno
        .set BLOCK_CONTROL, 16          // int: the child's end of the control socket
        .set BLOCK_ENDS_COUNT, 20       // int: the number of descriptors that are the launcher's alone
        .set BLOCK_ENDS, 24             // address of these descriptors, ints
        .set BLOCK_CALL_COUNT, 32       // int: the number of calls of the request
        .set BLOCK_CALLS_DONE, 36       // int: the number of calls made; the last one may have failed
        .set BLOCK_SPARE, 40            // address of another block, for a parent that stays
        .set BLOCK_LAUNCHER_DEATH, 48   // address of the launcher-death calls
        .set BLOCK_LAUNCHER_DEATH_COUNT, 56 // int, in eight bytes: the number of these calls; 0 for none
        .set BLOCK_CALLS, 64            // the calls, one after the other

// struct call
        .set CALL_FUNCTION, 0           // address of the C function
        .set CALL_ARGUMENT_0, 8
        .set CALL_ARGUMENT_1, 16
        .set CALL_ARGUMENT_2, 24
        .set CALL_ARGUMENT_3, 32
        .set CALL_ARGUMENT_4, 40
        .set CALL_ARGUMENT_5, 48
        .set CALL_RESULT, 56            // the result, the whole register
        .set CALL_ERRNO, 64             // int: errno after the call
        .set CALL_FORKS, 68             // int: 0, or the fate of the parent if the function is fork
        .set CALL_SIZE, 72

// the fate of a parent
        .set PARENT_EXITS, 1
        .set PARENT_STAYS, 2

        .set SYS_read, 63
        .set SYS_close, 57
        .set SYS_rt_sigprocmask, 135
        .set SYS_sendto, 206
        .set SYS_exit_group, 94
        .set SIG_SETMASK, 2
        .set KERNEL_SIGSET_SIZE, 8
        .set MSG_NOSIGNAL, 0x4000
        .set EINTR, 4

// the frame
        .set FRAME_RETURN, 0            // x29 and x30, as in the procedure call standard
        .set FRAME_SAVED_19, 16         // x19 and x20
        .set FRAME_SAVED_21, 32         // x21 and x22
        .set FRAME_SAVED_23, 48         // x23 and x24
        .set FRAME_ALL_SIGNALS, 64      // a signal set with every bit set
        .set FRAME_OLD_MASK, 72         // the caller's signal mask
        .set FRAME_BYTE, 80             // the byte that goes over the control socket
        .set FRAME_SIZE, 96             // a multiple of 16, as the stack pointer must be

        .text
        .globl relay
relay:
        hint    #34                     // bti c: an indirect branch may land here
        stp     x29, x30, [sp, #-FRAME_SIZE]!
        mov     x29, sp
        stp     x19, x20, [sp, #FRAME_SAVED_19]
        stp     x21, x22, [sp, #FRAME_SAVED_21]
        stp     x23, x24, [sp, #FRAME_SAVED_23]
        mov     x19, x0                 // x19 = the block, for good

        // Block every signal by the system call itself: the C library's wrapper omits its own two signals.
        // From here to the child's end, no handler of the launcher can run in the child.
        mov     x9, #-1
        str     x9, [sp, #FRAME_ALL_SIGNALS]
        mov     x0, #SIG_SETMASK
        add     x1, sp, #FRAME_ALL_SIGNALS
        add     x2, sp, #FRAME_OLD_MASK
        mov     x3, #KERNEL_SIGSET_SIZE
        mov     x8, #SYS_rt_sigprocmask
        svc     #0

        ldr     x9, [x19, #BLOCK_FORK]
        blr     x9
        cbz     w0, child

        // The launcher: restore the mask of its thread before any Java can run on the thread.
        sxtw    x20, w0                 // x20 = pid, or -1
        mov     x0, #SIG_SETMASK
        add     x1, sp, #FRAME_OLD_MASK
        mov     x2, #0
        mov     x3, #KERNEL_SIGSET_SIZE
        mov     x8, #SYS_rt_sigprocmask
        svc     #0
        tbz     x20, #63, return
        ldr     x9, [x19, #BLOCK_ERRNO_LOCATION]
        blr     x9
        ldrsw   x20, [x0]
        neg     x20, x20                // -errno
return:
        mov     x0, x20
        ldp     x19, x20, [sp, #FRAME_SAVED_19]
        ldp     x21, x22, [sp, #FRAME_SAVED_21]
        ldp     x23, x24, [sp, #FRAME_SAVED_23]
        ldp     x29, x30, [sp], #FRAME_SIZE
        ret

        // The child. First close the descriptors that belong to the launcher alone: the launcher's ends of
        // this control socket and of those of its other children. Only then does the launcher's death show
        // here as end of file.
child:
        ldr     w20, [x19, #BLOCK_CONTROL]      // w20 = control, for good
        ldr     x21, [x19, #BLOCK_ENDS]
        ldr     w22, [x19, #BLOCK_ENDS_COUNT]
close_next:
        subs    w22, w22, #1
        b.mi    await
        ldr     w0, [x21, w22, uxtw #2]
        mov     x8, #SYS_close
        svc     #0
        b       close_next

        // Wait for a request.
await:
        mov     w0, w20
        add     x1, sp, #FRAME_BYTE
        mov     x2, #1
        mov     x8, #SYS_read
        svc     #0
        cmn     x0, #EINTR
        b.eq    await
        cmp     x0, #1
        b.ne    abandoned               // end of file: the launcher has died, or has closed the socket

        // Make the calls of the request, until one fails.
        ldr     w22, [x19, #BLOCK_CALL_COUNT]   // w22 = calls left
        add     x21, x19, #BLOCK_CALLS          // x21 = the call
        mov     w23, #0                         // w23 = not 0: this call forks; the fate of the parent
make_next:
        cbz     w22, reply
        ldr     w23, [x21, #CALL_FORKS]         // before the fork: after it the value may differ
        ldr     x9, [x21, #CALL_FUNCTION]
        ldr     x0, [x21, #CALL_ARGUMENT_0]
        ldr     x1, [x21, #CALL_ARGUMENT_1]
        ldr     x2, [x21, #CALL_ARGUMENT_2]
        ldr     x3, [x21, #CALL_ARGUMENT_3]
        ldr     x4, [x21, #CALL_ARGUMENT_4]
        ldr     x5, [x21, #CALL_ARGUMENT_5]
        blr     x9
        cbz     w23, store
        cbz     w0, await               // the new child sends no reply, and waits for a request
store:
        str     x0, [x21, #CALL_RESULT]
        mov     w24, w0                 // w24 = the result, as an int
        ldr     x9, [x19, #BLOCK_ERRNO_LOCATION]
        blr     x9
        ldr     w9, [x0]
        str     w9, [x21, #CALL_ERRNO]
        ldr     w9, [x19, #BLOCK_CALLS_DONE]
        add     w9, w9, #1
        str     w9, [x19, #BLOCK_CALLS_DONE]
        cmn     w24, #1
        b.eq    failed
        cbnz    w23, reply              // the process has forked: report the new pid, then exit
        add     x21, x21, #CALL_SIZE
        sub     w22, w22, #1
        b       make_next
failed:
        mov     w23, #0                 // a fork that failed: this process goes on
reply:
        mov     w0, w20
        add     x1, sp, #FRAME_BYTE
        mov     x2, #1
        mov     x3, #MSG_NOSIGNAL       // SIGPIPE may have its effect again; launcher-death calls follow
        mov     x4, #0                  // no address
        mov     x5, #0
        mov     x8, #SYS_sendto
        svc     #0
        cmn     x0, #EINTR
        b.eq    reply
        cmp     x0, #1
        b.ne    abandoned
        cbz     w23, await
        // The process has forked, and its child goes on in its place. Unless the parent stays, it exits: "so
        // the session leader can exit".
        cmp     w23, #PARENT_STAYS
        b.ne    end
        // The parent stays for a while, to learn how its child ends. It leaves the socket to the
        // child, and goes on with the spare block and the socket named in that block. Both were created
        // before the first fork and do not change, so the parent may read them from the shared memory.
        mov     w0, w20
        mov     x8, #SYS_close
        svc     #0
        ldr     x19, [x19, #BLOCK_SPARE]
        ldr     w20, [x19, #BLOCK_CONTROL]
        b       await
        // No launcher controls this process any more. The launcher-death calls undo effects that would be
        // useless without the process. The process makes these calls like those of a request, and once. The
        // reply then fails, since the launcher is gone, and so control comes back here.
abandoned:
        ldr     w22, [x19, #BLOCK_LAUNCHER_DEATH_COUNT]
        str     wzr, [x19, #BLOCK_LAUNCHER_DEATH_COUNT]
        ldr     x21, [x19, #BLOCK_LAUNCHER_DEATH]
        cbnz    w22, make_next
end:
        mov     x0, #0
        mov     x8, #SYS_exit_group
        svc     #0
        brk     #0                      // not reached
