/*
 * Proves that an engine runs programs of one architecture, and runs them right.
 *
 * It says what it was compiled for and what the kernel (or an emulator in its
 * place) says it runs on, and whether a file can be created as GNU tar creates
 * it, by openat2(2) beneath the working folder. Then it starts itself a second time through
 * /proc/self/exe under another name, as Go programs, shells and busybox do. That
 * second process says which name arrived and which program pid 1 really is: in
 * a container the emulator shows there, because an emulator hides itself only
 * from its own process. All judging is left to the reader of these lines:
 *
 *     machine arm64
 *     uname aarch64
 *     openat2 000                      (or the number of the error)
 *     name sea-trial-again
 *     exe /usr/bin/qemu-aarch64
 *     exit 042                         (or: signal 011)
 *
 * Freestanding: no libc, no start files, system calls by number. The numbers and
 * the calling conventions are those of syscall(2) and of each architecture's
 * asm/unistd.h.
 */

#define AGAIN "sea-trial-again"
#define STATUS_OF_PARENT 23
#define STATUS_OF_CHILD 42
#define STATUS_OF_NO_EXEC 43

/* Offset and size of `machine` in struct new_utsname: six fields of 65 bytes. */
#define UTS_SIZE 390
#define UTS_MACHINE 260

#if defined(__x86_64__)

#define MACHINE "amd64"
enum { WRITE = 1, FORK = 57, EXECVE = 59, EXIT = 60, WAIT4 = 61, UNAME = 63, READLINKAT = 267 };
__asm__(".globl _start\n_start:\n mov %rsp,%rdi\n and $-16,%rsp\n call begin\n");
static long call(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
}

#elif defined(__i386__)

#define MACHINE "386"
enum { EXIT = 1, FORK = 2, WRITE = 4, EXECVE = 11, WAIT4 = 114, UNAME = 122, READLINKAT = 305 };
__asm__(".globl _start\n_start:\n mov %esp,%eax\n and $-16,%esp\n sub $12,%esp\n push %eax\n"
        " call begin\n");
static long call(long number, long a, long b, long c, long d) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d)
                   : "memory");
  return result;
}

#elif defined(__arm__)

/* Each level executes an instruction that the level below it does not have. */
#if __ARM_ARCH >= 7
#define MACHINE "arm/v7"
#define LEVEL "movw r1, #1\n dmb"
#elif __ARM_ARCH == 6
#define MACHINE "arm/v6"
#define LEVEL "rev r1, r1"
#else
#define MACHINE "arm/v5"
#define LEVEL "clz r1, r1"
#endif
enum { EXIT = 1, FORK = 2, WRITE = 4, EXECVE = 11, WAIT4 = 114, UNAME = 122, READLINKAT = 332 };
__asm__(".globl _start\n_start:\n mov r0, sp\n " LEVEL "\n bic r2, r0, #7\n mov sp, r2\n bl begin\n");
static long call(long number, long a, long b, long c, long d) {
  register long r7 __asm__("r7") = number;
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  register long r3 __asm__("r3") = d;
  __asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3) : "memory");
  return r0;
}

#elif defined(__aarch64__)

#define MACHINE "arm64"
#define GENERIC_NUMBERS
__asm__(".globl _start\n_start:\n mov x0, sp\n and sp, x0, #-16\n bl begin\n");
static long call(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = 0;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                   : "memory");
  return x0;
}

#elif defined(__riscv) && __riscv_xlen == 64

#define MACHINE "riscv64"
#define GENERIC_NUMBERS
__asm__(".globl _start\n_start:\n mv a0, sp\n andi sp, sp, -16\n call begin\n");
static long call(long number, long a, long b, long c, long d) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = 0;
  __asm__ volatile("ecall"
                   : "+r"(a0)
                   : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4)
                   : "memory");
  return a0;
}

#elif defined(__loongarch64)

#define MACHINE "loong64"
#define GENERIC_NUMBERS
__asm__(".globl _start\n_start:\n move $a0, $sp\n bstrins.d $sp, $zero, 3, 0\n bl begin\n");
static long call(long number, long a, long b, long c, long d) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = 0;
  __asm__ volatile("syscall 0"
                   : "+r"(a0)
                   : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4)
                   : "memory", "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8");
  return a0;
}

#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)

#define MACHINE "ppc64le"
enum { EXIT = 1, FORK = 2, WRITE = 4, EXECVE = 11, WAIT4 = 114, UNAME = 122, READLINKAT = 296 };
__asm__(".globl _start\n_start:\n addis 2, 12, .TOC.-_start@ha\n addi 2, 2, .TOC.-_start@l\n"
        " .localentry _start, .-_start\n mr 3, 1\n clrrdi 1, 1, 4\n li 0, 0\n"
        " stdu 0, -64(1)\n bl begin\n");
static long call(long number, long a, long b, long c, long d) {
  register long r0 __asm__("r0") = number;
  register long r3 __asm__("r3") = a;
  register long r4 __asm__("r4") = b;
  register long r5 __asm__("r5") = c;
  register long r6 __asm__("r6") = d;
  /* Errors come as a positive number with the summary overflow bit set. */
  __asm__ volatile("sc\n bns+ 1f\n neg %1, %1\n1:"
                   : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6)
                   :
                   : "memory", "cr0", "r7", "r8", "r9", "r10", "r11", "r12", "ctr");
  return r3;
}

#elif defined(__s390x__)

#define MACHINE "s390x"
enum { EXIT = 1, FORK = 2, WRITE = 4, EXECVE = 11, WAIT4 = 114, UNAME = 122, READLINKAT = 298 };
__asm__(".globl _start\n_start:\n lgr %r2, %r15\n aghi %r15, -160\n xc 0(8,%r15), 0(%r15)\n"
        " brasl %r14, begin\n");
static long call(long number, long a, long b, long c, long d) {
  register long r1 __asm__("r1") = number;
  register long r2 __asm__("r2") = a;
  register long r3 __asm__("r3") = b;
  register long r4 __asm__("r4") = c;
  register long r5 __asm__("r5") = d;
  __asm__ volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4), "d"(r5) : "memory");
  return r2;
}

#elif defined(__mips64)

#ifdef __MIPSEL__
#define MACHINE "mips64le"
#else
#define MACHINE "mips64"
#endif
/* Not those of asm-generic/fcntl.h. */
#define CREATE_FLAGS (0x100 | 0x400)
#define NOCTTY 0x800
#define NONBLOCK 0x80
#define OPENAT2 5437
enum {
  WRITE = 5001,
  FORK = 5056,
  EXECVE = 5057,
  EXIT = 5058,
  WAIT4 = 5059,
  UNAME = 5061,
  READLINKAT = 5257
};
__asm__(".set push\n.set noreorder\n.globl _start\n_start:\n move $4, $29\n li $8, -16\n"
        " and $29, $29, $8\n jal begin\n nop\n.set pop\n");
static long call(long number, long a, long b, long c, long d) {
  register long v0 __asm__("$2") = number;
  register long a0 __asm__("$4") = a;
  register long a1 __asm__("$5") = b;
  register long a2 __asm__("$6") = c;
  register long a3 __asm__("$7") = d;
  /* a3 tells an error, v0 is then its positive number. */
  __asm__ volatile("syscall"
                   : "+r"(v0), "+r"(a3)
                   : "r"(a0), "r"(a1), "r"(a2)
                   : "memory", "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
                     "$24", "$25", "hi", "lo");
  return a3 ? -v0 : v0;
}

#else
#error "no system calls are written down for this architecture"
#endif

#ifdef GENERIC_NUMBERS
/* asm-generic/unistd.h; it has no fork, but clone with nothing but SIGCHLD (17) is one. */
enum { WRITE = 64, READLINKAT = 78, EXIT = 93, UNAME = 160, CLONE = 220, EXECVE = 221, WAIT4 = 260 };
#define fork() call(CLONE, 17, 0, 0, 0)
#else
#define fork() call(FORK, 0, 0, 0, 0)
#endif

/* openat2(2) has one number nearly everywhere. */
#ifndef OPENAT2
#define OPENAT2 437
#endif

/*
 * The flags with which GNU tar creates what it extracts since it answers CVE-2025-45582.
 * O_NOFOLLOW, which it opens folders with, has another value on arm and powerpc: an emulator
 * that does not translate that well refuses it. Sources: fcntl.h in the asm folders of the
 * architectures, linux/openat2.h.
 */
#ifndef CREATE_FLAGS
#define CREATE_FLAGS (0100 | 0200)
#define NOCTTY 0400
#define NONBLOCK 04000
#endif
#if defined(__arm__) || defined(__aarch64__) || defined(__powerpc__)
#define NOFOLLOW 0100000
#else
#define NOFOLLOW 0400000
#endif
#define WRONLY 1
#define CLOEXEC 02000000
#define RESOLVE_BENEATH 8
#define AT_FDCWD (-100)

struct open_how {
  unsigned long long flags;
  unsigned long long mode;
  unsigned long long resolve;
};

/* One write per line, so that the lines of two processes never mix. */
static void say(const char *key, const char *value, long length) {
  char line[512];
  long at = 0;
  while (*key) line[at++] = *key++;
  line[at++] = ' ';
  while (length-- > 0 && *value && at < (long)sizeof line - 1) line[at++] = *value++;
  line[at++] = '\n';
  call(WRITE, 1, (long)line, at, 0);
}

/* Up to 255, and without a division: not every architecture has one. */
static void say_number(const char *key, int number) {
  char digits[3];
  digits[0] = digits[1] = '0';
  for (; number >= 100; number -= 100) digits[0]++;
  for (; number >= 10; number -= 10) digits[1]++;
  digits[2] = '0' + number;
  say(key, digits, sizeof digits);
}

static void create_file(void) {
  struct open_how how;
  long result;
  how.flags = WRONLY | CREATE_FLAGS | NOCTTY | NONBLOCK | NOFOLLOW | CLOEXEC;
  how.mode = 0644;
  how.resolve = RESOLVE_BENEATH;
  result = call(OPENAT2, AT_FDCWD, (long)"sea-trial-file", (long)&how, sizeof how);
  say_number("openat2", result < 0 ? -result : 0);
}

static void second(const char *name) {
  char path[256];
  long length;
  say("name", name, 256);
  length = call(READLINKAT, -100, (long)"/proc/1/exe", (long)path, sizeof path);
  if (length > 0) say("exe", path, length);
  call(EXIT, STATUS_OF_CHILD, 0, 0, 0);
}

static void first(void) {
  char uts[UTS_SIZE];
  static const char *const again[] = {AGAIN, "2", 0};
  static const char *const nothing[] = {0};
  int status = -1;
  long child;
  say("machine", MACHINE, 64);
  if (call(UNAME, (long)uts, 0, 0, 0) == 0) say("uname", uts + UTS_MACHINE, 65);
  create_file();
  child = fork();
  if (child == 0) {
    call(EXECVE, (long)"/proc/self/exe", (long)again, (long)nothing, 0);
    call(EXIT, STATUS_OF_NO_EXEC, 0, 0, 0);
  }
  if (child > 0 && call(WAIT4, child, (long)&status, 0, 0) == child) {
    if (status & 0x7f) say_number("signal", status & 0x7f);
    else say_number("exit", (status >> 8) & 0xff);
  }
  call(EXIT, STATUS_OF_PARENT, 0, 0, 0);
}

__attribute__((used, noreturn)) void begin(const long *stack) {
  if (stack[0] == 1) first();
  second((const char *)stack[1]);
  for (;;) {
  }
}
