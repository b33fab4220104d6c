"""System calls by name: numbers for two processors, and which group each is in.

The numbers are the kernel's own (``asm/unistd_64.h`` for x86_64, the generic table
for aarch64); a dash means that the processor has no such call.
"""

# AUDIT_ARCH_* of linux/audit.h
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# The highest number that was reviewed; anything newer does not exist in the jail.
REVIEWED = 450


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# No honest model asks for these: they aim at the kernel or at other processes.
HOSTILE = _words("""
ptrace process_vm_readv process_vm_writev kcmp bpf perf_event_open userfaultfd
io_uring_setup io_uring_enter io_uring_register io_setup io_submit keyctl
add_key request_key kexec_load kexec_file_load init_module finit_module
delete_module mount umount2 pivot_root chroot unshare setns open_by_handle_at
name_to_handle_at fsopen fsconfig fsmount fspick open_tree move_mount
mount_setattr swapon swapoff reboot iopl ioperm acct quotactl quotactl_fd
settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname
syslog personality modify_ldt lookup_dcookie nfsservctl uselib ustat sysfs
vhangup pidfd_getfd process_madvise process_mrelease fanotify_init fanotify_mark
memfd_secret mknod mknodat move_pages migrate_pages vmsplice
""")

# Ways to talk to other processes of the host.
IPC = _words("""
shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv
msgctl mq_open mq_unlink
""")

# Every socket, whatever its family.
NETWORK = _words("""
socket connect accept accept4 bind listen sendto recvfrom sendmsg recvmsg
sendmmsg recvmmsg socketpair
""")

# What torch and transformers use on a processor once they are imported.
NEEDED = _words("""
read write close fstat stat lstat lseek mprotect munmap brk rt_sigaction
rt_sigprocmask rt_sigreturn pread64 readv writev access pipe2 select poll ppoll
pselect6 sched_yield mremap madvise mincore dup getpid gettid exit exit_group
wait4 uname fcntl ftruncate getcwd readlink readlinkat getdents64 gettimeofday
getrlimit getrusage sysinfo times getuid getgid geteuid getegid getppid
arch_prctl futex set_tid_address clock_gettime clock_getres clock_nanosleep
nanosleep tgkill openat newfstatat faccessat faccessat2 set_robust_list rseq
getrandom sched_getaffinity sched_setaffinity getcpu statfs fstatfs sigaltstack
membarrier get_mempolicy statx eventfd2 epoll_create1 epoll_ctl epoll_wait
epoll_pwait fadvise64
""")

_TABLE = """
accept 43 202; accept4 288 242; access 21 -; acct 163 89; add_key 248 217;
adjtimex 159 171; arch_prctl 158 -; bind 49 200; bpf 321 280; brk 12 214;
chroot 161 51; clock_adjtime 305 266; clock_getres 229 114; clock_gettime 228 113;
clock_nanosleep 230 115; clock_settime 227 112; clone 56 220; clone3 435 435;
close 3 57; connect 42 203; delete_module 176 106; dup 32 23; epoll_create1 291 20;
epoll_ctl 233 21; epoll_pwait 281 22; epoll_wait 232 -; eventfd2 290 19;
execve 59 221; exit 60 93; exit_group 231 94; faccessat 269 48; faccessat2 439 439;
fadvise64 221 223; fanotify_init 300 262; fanotify_mark 301 263; fcntl 72 25;
finit_module 313 273; fork 57 -; fsconfig 431 431; fsmount 432 432; fsopen 430 430;
fspick 433 433; fstat 5 80; fstatfs 138 44; ftruncate 77 46; futex 202 98;
get_mempolicy 239 236; getcpu 309 168; getcwd 79 17; getdents64 217 61;
getegid 108 177; geteuid 107 175; getgid 104 176; getpid 39 172; getppid 110 173;
getrandom 318 278; getrlimit 97 163; getrusage 98 165; gettid 186 178;
gettimeofday 96 169; getuid 102 174; init_module 175 105; io_setup 206 0;
io_submit 209 2; io_uring_enter 426 426; io_uring_register 427 427;
io_uring_setup 425 425; ioctl 16 29; ioperm 173 -; iopl 172 -; kcmp 312 272;
kexec_file_load 320 294; kexec_load 246 104; keyctl 250 219; listen 50 201;
lookup_dcookie 212 18; lseek 8 62; lstat 6 -; madvise 28 233; membarrier 324 283;
memfd_create 319 279; memfd_secret 447 447; migrate_pages 256 238; mincore 27 232;
mknod 133 -; mknodat 259 33; mmap 9 222; modify_ldt 154 -; mount 165 40;
mount_setattr 442 442; move_mount 429 429; move_pages 279 239; mprotect 10 226;
mq_open 240 180; mq_unlink 241 181; mremap 25 216; msgctl 71 187; msgget 68 186;
msgrcv 70 188; msgsnd 69 189; munmap 11 215; name_to_handle_at 303 264;
nanosleep 35 101; newfstatat 262 79; nfsservctl 180 42; open_by_handle_at 304 265;
open_tree 428 428; openat 257 56; perf_event_open 298 241; personality 135 92;
pidfd_getfd 438 438; pipe2 293 59; pivot_root 155 41; poll 7 -; ppoll 271 73;
prctl 157 167; pread64 17 67; prlimit64 302 261; process_madvise 440 440;
process_mrelease 448 448; process_vm_readv 310 270; process_vm_writev 311 271;
pselect6 270 72; ptrace 101 117; quotactl 179 60; quotactl_fd 443 443; read 0 63;
readlink 89 -; readlinkat 267 78; readv 19 65; reboot 169 142; recvfrom 45 207;
recvmmsg 299 243; recvmsg 47 212; request_key 249 218; rseq 334 293;
rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139;
sched_getaffinity 204 123; sched_setaffinity 203 122; sched_yield 24 124;
seccomp 317 277; select 23 -; semctl 66 191; semget 64 190; semop 65 193;
semtimedop 220 192; sendmmsg 307 269; sendmsg 46 211; sendto 44 206;
set_robust_list 273 99; set_tid_address 218 96; setdomainname 171 162;
sethostname 170 161; setns 308 268; settimeofday 164 170; shmat 30 196;
shmctl 31 195; shmdt 67 197; shmget 29 194; sigaltstack 131 132; socket 41 198;
socketpair 53 199; stat 4 -; statfs 137 43; statx 332 291; swapoff 168 225;
swapon 167 224; sysfs 139 -; sysinfo 99 179; syslog 103 116; tgkill 234 131;
times 100 153; umount2 166 39; uname 63 160; unshare 272 97; uselib 134 -;
userfaultfd 323 282; ustat 136 -; vhangup 153 58; vmsplice 278 75; wait4 61 260;
write 1 64; writev 20 66;
"""


def _numbers(column: int) -> dict[str, int]:
    rows = (row.split() for row in _TABLE.split(";") if row.strip())
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


NUMBERS = {"x86_64": _numbers(1), "aarch64": _numbers(2)}
