/*
 * berth-init: process 1 of a sandbox.
 *
 *   init [--] PROGRAM [ARGUMENT...]
 *
 * Starts the program as a child in a process group of its own, hands it every signal that it gets, reaps whatever is left to it,
 * and ends as the child ended: with its status, or with 128 and the number of the signal that ended it. 127 when there is no
 * such program, 126 when it cannot be run.
 *
 * Written to the kernel, without a C library: nothing to start up, a few kilobytes in memory, no licence but Berth's own.
 */

#if defined(__x86_64__)
enum { sys_write = 1, sys_rt_sigprocmask = 14, sys_ioctl = 16, sys_getpid = 39, sys_fork = 57, sys_execve = 59, sys_wait4 = 61,
       sys_kill = 62, sys_setpgid = 109, sys_rt_sigtimedwait = 128, sys_exit_group = 231 };
#elif defined(__aarch64__)
enum { sys_ioctl = 29, sys_write = 64, sys_exit_group = 94, sys_kill = 129, sys_rt_sigprocmask = 135, sys_rt_sigtimedwait = 137,
       sys_setpgid = 154, sys_getpid = 172, sys_clone = 220, sys_execve = 221, sys_wait4 = 260 };
#else
#error "This processor is not supported."
#endif

enum { sig_block = 0, sig_setmask = 2, sig_chld = 17, sig_ttin = 21, sig_ttou = 22, wait_no_hang = 1, error_no_entry = 2,
       error_interrupted = 4, error_access = 13, error_not_folder = 20, tiocspgrp = 0x5410, max_path = 4096 };

/* The kernel's set of signals: one bit each, the first for signal 1. */
typedef unsigned long signal_set;

static long call6(long number, long a, long b, long c, long d, long e) {
#if defined(__x86_64__)
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
#else
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
#endif
}

#define call(number, ...) call_with(number, ##__VA_ARGS__, 0, 0, 0, 0, 0)
#define call_with(number, a, b, c, d, e, ...) call6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static unsigned long length(const char *text) {
  unsigned long count = 0;
  while (text[count]) count++;
  return count;
}

static void say(const char *text) { call(sys_write, 2, text, length(text)); }

static void complain(const char *program, const char *problem) {
  say("berth-init: ");
  say(program);
  say(problem);
}

static long fork_child(void) {
#if defined(__x86_64__)
  return call(sys_fork);
#else
  return call(sys_clone, sig_chld);
#endif
}

static int has_slash(const char *text) {
  for (; *text; text++)
    if (*text == '/') return 1;
  return 0;
}

static const char *search_path(char **environment) {
  for (; *environment; environment++) {
    const char *entry = *environment;
    if (entry[0] == 'P' && entry[1] == 'A' && entry[2] == 'T' && entry[3] == 'H' && entry[4] == '=') return entry + 5;
  }
  return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* Like execvp: returns only when it failed, with the error that says most. */
static long execute(char **arguments, char **environment) {
  const char *program = arguments[0];
  if (has_slash(program)) return -call(sys_execve, program, arguments, environment);
  char candidate[max_path];
  unsigned long name_length = length(program);
  long failure = error_no_entry;
  for (const char *folder = search_path(environment); name_length > 0;) {
    unsigned long end = 0;
    while (folder[end] && folder[end] != ':') end++;
    if (end + name_length + 2 <= max_path) {
      unsigned long at = 0;
      for (; at < end; at++) candidate[at] = folder[at];
      if (end > 0) candidate[at++] = '/';
      for (unsigned long from = 0; from <= name_length; from++) candidate[at + from] = program[from];
      long error = -call(sys_execve, candidate, arguments, environment);
      if (error != error_no_entry && error != error_not_folder && error != error_access) return error;
      if (error == error_access) failure = error;
    }
    if (!folder[end]) break;
    folder += end + 1;
  }
  return failure;
}

static void run_child(char **arguments, char **environment, const signal_set *former) {
  call(sys_setpgid, 0, 0);
  /* In the foreground of the terminal, if there is one: signals of its keys are for the child. */
  int group = (int)call(sys_getpid);
  call(sys_ioctl, 0, tiocspgrp, &group);
  call(sys_rt_sigprocmask, sig_setmask, former, 0, sizeof(signal_set));
  long error = execute(arguments, environment);
  int is_missing = error == error_no_entry || error == error_not_folder;
  complain(arguments[0], is_missing ? ": there is no such program.\n" : ": the program cannot be run.\n");
  call(sys_exit_group, is_missing ? 127 : 126);
}

/* Reaps all that ended. The child's own end is the end of everything. */
static void reap(long child) {
  for (;;) {
    int status = 0;
    long pid = call(sys_wait4, -1, &status, wait_no_hang, 0);
    if (pid == -error_interrupted) continue;
    if (pid <= 0) return;
    if (pid != child) continue;
    int signal = status & 0x7f;
    call(sys_exit_group, signal ? 128 + signal : (status >> 8) & 0xff);
  }
}

__attribute__((used)) static void start(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  char **program = arguments + 1;
  if (count > 1 && program[0][0] == '-' && program[0][1] == '-' && !program[0][2]) program++;
  if (count < 2 || !*program) {
    say("berth-init: expected a program: init [--] PROGRAM [ARGUMENT...]\n");
    call(sys_exit_group, 2);
  }

  signal_set all = ~0UL, former = 0;
  call(sys_rt_sigprocmask, sig_block, &all, &former, sizeof all);
  long child = fork_child();
  if (child < 0) {
    complain(*program, ": no process could be made for it.\n");
    call(sys_exit_group, 126);
  }
  if (child == 0) run_child(program, environment, &former);

  for (;;) {
    long signal = call(sys_rt_sigtimedwait, &all, 0, 0, sizeof all);
    if (signal == sig_chld) reap(child);
    else if (signal > 0 && signal != sig_ttin && signal != sig_ttou) call(sys_kill, child, signal);
  }
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call start\n  hlt\n");
#else
__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x0, sp\n  bl start\n  brk #0\n");
#endif
