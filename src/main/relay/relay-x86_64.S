# The relay for x86-64: forks, and in the child makes the C calls that the launcher requests.
#
#     long relay(struct block *block)
#
# The launcher calls the relay as an ordinary C function. In the launcher the relay returns the child's pid,
# or the negated errno of the fork. In the child the relay never returns. The child reads one byte from the
# control socket, makes the calls that the launcher has written into the block, and writes one byte back. The
# child repeats that until it becomes another program (execve), is told to exit (_exit), or sees end of file.
# At end of file the child makes its launcher-death calls, if it has any, and exits.
#
# The block lies in memory that launcher and child share. After a fork, no decision depends on the content of
# the block: the launcher may have written its next request already. Registers hold the values for decisions.
#
# The code is position independent, without data, and uses no stack beyond its own frame. The script assemble
# creates the machine code. The tests compare the offsets and numbers with the Java layout, the bindings and
# the kernel's headers.

        .intel_syntax noprefix

# struct block
        .set BLOCK_FORK, 0              # address of fork(2)
        .set BLOCK_ERRNO_LOCATION, 8    # address of __errno_location, where the C library keeps errno
        .set BLOCK_CONTROL, 16          # int: the child's end of the control socket
        .set BLOCK_ENDS_COUNT, 20       # int: the number of descriptors that are the launcher's alone
        .set BLOCK_ENDS, 24             # address of these descriptors, ints
        .set BLOCK_CALL_COUNT, 32       # int: the number of calls of the request
        .set BLOCK_CALLS_DONE, 36       # int: the number of calls made; the last one may have failed
        .set BLOCK_SPARE, 40            # address of another block, for a parent that stays
        .set BLOCK_LAUNCHER_DEATH, 48   # address of the launcher-death calls
        .set BLOCK_LAUNCHER_DEATH_COUNT, 56 # int, in eight bytes: the number of these calls; 0 for none
        .set BLOCK_CALLS, 64            # the calls, one after the other

# struct call
        .set CALL_FUNCTION, 0           # address of the C function
        .set CALL_ARGUMENT_0, 8
        .set CALL_ARGUMENT_1, 16
        .set CALL_ARGUMENT_2, 24
        .set CALL_ARGUMENT_3, 32
        .set CALL_ARGUMENT_4, 40
        .set CALL_ARGUMENT_5, 48
        .set CALL_RESULT, 56            # the result, the whole register
        .set CALL_ERRNO, 64             # int: errno after the call
        .set CALL_FORKS, 68             # int: 0, or the fate of the parent if the function is fork
        .set CALL_SIZE, 72

# the fate of a parent
        .set PARENT_EXITS, 1
        .set PARENT_STAYS, 2

        .set SYS_read, 0
        .set SYS_close, 3
        .set SYS_sendto, 44
        .set SYS_rt_sigprocmask, 14
        .set SYS_exit_group, 231
        .set SIG_SETMASK, 2
        .set KERNEL_SIGSET_SIZE, 8
        .set MSG_NOSIGNAL, 0x4000
        .set EINTR, 4

# the frame
        .set FRAME_ALL_SIGNALS, 0       # a signal set with every bit set
        .set FRAME_OLD_MASK, 8          # the caller's signal mask
        .set FRAME_BYTE, 16             # the byte that goes over the control socket
        .set FRAME_SIZE, 24             # keeps the stack at a multiple of 16 for the functions called

        .text
        .globl relay
relay:
        endbr64                         # an indirect branch may land here
        push    rbp                     # the six registers that belong to the caller
        push    rbx
        push    r12
        push    r13
        push    r14
        push    r15
        sub     rsp, FRAME_SIZE
        mov     rbx, rdi                # rbx = the block, for good

        # Block every signal by the system call itself: the C library's wrapper omits its own two signals.
        # From here to the child's end, no handler of the launcher can run in the child.
        mov     qword ptr [rsp + FRAME_ALL_SIGNALS], -1
        mov     edi, SIG_SETMASK
        lea     rsi, [rsp + FRAME_ALL_SIGNALS]
        lea     rdx, [rsp + FRAME_OLD_MASK]
        mov     r10d, KERNEL_SIGSET_SIZE
        mov     eax, SYS_rt_sigprocmask
        syscall

        call    qword ptr [rbx + BLOCK_FORK]
        test    eax, eax
        jz      child

        # The launcher: restore the mask of its thread before any Java can run on the thread.
        movsxd  rbp, eax                # rbp = pid, or -1
        mov     edi, SIG_SETMASK
        lea     rsi, [rsp + FRAME_OLD_MASK]
        xor     edx, edx
        mov     r10d, KERNEL_SIGSET_SIZE
        mov     eax, SYS_rt_sigprocmask
        syscall
        test    rbp, rbp
        jns     return
        call    qword ptr [rbx + BLOCK_ERRNO_LOCATION]
        movsxd  rbp, dword ptr [rax]
        neg     rbp                     # -errno
return:
        mov     rax, rbp
        add     rsp, FRAME_SIZE
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbx
        pop     rbp
        ret

        # The child. First close the descriptors that belong to the launcher alone: the launcher's ends of
        # this control socket and of those of its other children. Only then does the launcher's death show
        # here as end of file.
child:
        mov     ebp, [rbx + BLOCK_CONTROL]      # ebp = control, for good
        mov     r12, [rbx + BLOCK_ENDS]
        mov     r13d, [rbx + BLOCK_ENDS_COUNT]
close_next:
        sub     r13d, 1
        js      await
        mov     edi, [r12 + r13 * 4]
        mov     eax, SYS_close
        syscall
        jmp     close_next

        # Wait for a request.
await:
        mov     edi, ebp
        lea     rsi, [rsp + FRAME_BYTE]
        mov     edx, 1
        xor     eax, eax                # SYS_read
        syscall
        cmp     rax, -EINTR
        je      await
        cmp     rax, 1
        jne     abandoned               # end of file: the launcher has died, or has closed the socket

        # Make the calls of the request, until one fails.
        mov     r13d, [rbx + BLOCK_CALL_COUNT]  # r13 = calls left
        lea     r12, [rbx + BLOCK_CALLS]        # r12 = the call
        xor     r14d, r14d                      # r14 = not 0: this call forks; the fate of the parent
make_next:
        test    r13d, r13d
        jz      reply
        mov     r14d, [r12 + CALL_FORKS]        # before the fork: after it the value may differ
        mov     rdi, [r12 + CALL_ARGUMENT_0]
        mov     rsi, [r12 + CALL_ARGUMENT_1]
        mov     rdx, [r12 + CALL_ARGUMENT_2]
        mov     rcx, [r12 + CALL_ARGUMENT_3]
        mov     r8, [r12 + CALL_ARGUMENT_4]
        mov     r9, [r12 + CALL_ARGUMENT_5]
        xor     eax, eax                # no vector registers, should the function be variadic
        call    qword ptr [r12 + CALL_FUNCTION]
        test    r14d, r14d
        jz      store
        test    eax, eax
        jz      await                   # the new child sends no reply, and waits for a request
store:
        mov     [r12 + CALL_RESULT], rax
        mov     r15d, eax               # r15 = the result, as an int
        call    qword ptr [rbx + BLOCK_ERRNO_LOCATION]
        mov     eax, [rax]
        mov     [r12 + CALL_ERRNO], eax
        add     dword ptr [rbx + BLOCK_CALLS_DONE], 1
        cmp     r15d, -1
        je      failed
        test    r14d, r14d
        jnz     reply                   # the process has forked: report the new pid, then exit
        add     r12, CALL_SIZE
        sub     r13d, 1
        jmp     make_next
failed:
        xor     r14d, r14d              # a fork that failed: this process goes on
reply:
        mov     edi, ebp
        lea     rsi, [rsp + FRAME_BYTE]
        mov     edx, 1
        mov     r10d, MSG_NOSIGNAL      # SIGPIPE may have its effect again; launcher-death calls follow
        xor     r8d, r8d                # no address
        xor     r9d, r9d
        mov     eax, SYS_sendto
        syscall
        cmp     rax, -EINTR
        je      reply
        cmp     rax, 1
        jne     abandoned
        test    r14d, r14d
        jz      await
        # The process has forked, and its child goes on in its place. Unless the parent stays, it exits: "so
        # the session leader can exit".
        cmp     r14d, PARENT_STAYS
        jne     end
        # The parent stays for a while, to learn how its child ends. It leaves the socket to the
        # child, and goes on with the spare block and the socket named in that block. Both were created
        # before the first fork and do not change, so the parent may read them from the shared memory.
        mov     edi, ebp
        mov     eax, SYS_close
        syscall
        mov     rbx, [rbx + BLOCK_SPARE]
        mov     ebp, [rbx + BLOCK_CONTROL]
        jmp     await
        # No launcher controls this process any more. The launcher-death calls undo effects that would be
        # useless without the process. The process makes these calls like those of a request, and once. The
        # reply then fails, since the launcher is gone, and so control comes back here.
abandoned:
        mov     r13d, [rbx + BLOCK_LAUNCHER_DEATH_COUNT]
        mov     dword ptr [rbx + BLOCK_LAUNCHER_DEATH_COUNT], 0
        mov     r12, [rbx + BLOCK_LAUNCHER_DEATH]
        test    r13d, r13d
        jnz     make_next
end:
        xor     edi, edi
        mov     eax, SYS_exit_group
        syscall
        hlt                             # not reached
