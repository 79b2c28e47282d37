// Attempts that only system calls can make. `attempts NAME ARGS...` prints `done` or the name of the error, and exits 0.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long load_module(char **a) { return syscall(SYS_init_module, "no module", 9L, ""); }
static long load_kernel(char **a) { return syscall(SYS_kexec_load, 0L, 1000L, NULL, 0L); }
static long mount_proc(char **a) { return mount("proc", a[0], "proc", 0, NULL); }
static long mount_cgroup(char **a) { return mount("cgroup", a[0], "cgroup", 0, "memory"); }
static long remount(char **a) { return mount("none", a[0], NULL, MS_REMOUNT | MS_BIND, NULL); }
static long unmount(char **a) { return umount2(a[0], MNT_DETACH); }
static long make_device(char **a) { return mknod(a[0], S_IFCHR | 0600, makedev(atoi(a[1]), atoi(a[2]))); }
static long change_root(char **a) { return chroot(a[0]); }
static long new_user_namespace(char **a) { return unshare(CLONE_NEWUSER); }
static long new_mount_namespace(char **a) { return unshare(CLONE_NEWNS); }
static long new_network_namespace(char **a) { return unshare(CLONE_NEWNET); }
static long join_namespace(char **a) { int fd = open("/proc/1/ns/mnt", O_RDONLY); return fd < 0 ? -1 : setns(fd, 0); }
static long raw_socket(char **a) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long packet_socket(char **a) { return socket(AF_PACKET, SOCK_RAW, htons(3)); }
static long vsock(char **a) { return socket(AF_VSOCK, SOCK_STREAM, 0); }
static long read_kernel_log(char **a) { char text[64]; return syscall(SYS_syslog, 3, text, sizeof text); }
static long set_clock(char **a) { struct timespec t = {-1, 0}; return clock_settime(CLOCK_REALTIME, &t); }
static long set_host_name(char **a) { return sethostname("escaped", 7); }
static long reboot_machine(char **a) { return syscall(SYS_reboot, 0, 0, 0, NULL); }
static long swap_on(char **a) { return syscall(SYS_swapon, "/no/such/file", 0); }
static long account(char **a) { return syscall(SYS_acct, "/no/such/file"); }
static long add_key(char **a) { return syscall(SYS_add_key, "user", "berth-escape", "x", 1L, -3L); }
static long session_keys(char **a) { return syscall(SYS_keyctl, 0L, -3L, 1L); }
static long ring(char **a) { char p[120] = {0}; return syscall(SYS_io_uring_setup, 4, p); }
static long fault_handler(char **a) { return syscall(SYS_userfaultfd, O_CLOEXEC); }
static long open_handle(char **a) {
  char handle[32] = {8, 0, 0, 0, 1, 0, 0, 0, 2};
  int fd = open("/", O_RDONLY);
  return syscall(SYS_open_by_handle_at, fd, handle, O_RDONLY);
}
static long bpf_map(char **a) {
  union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
  return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
}
static long count_events(char **a) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_CPU_CLOCK};
  return syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0L);
}
static long trace(char **a) { return ptrace(PTRACE_SEIZE, atoi(a[0]), NULL, NULL); }
static long read_memory(char **a) { int fd = open(a[0], O_RDWR); return fd; }
static long send_signal(char **a) { return kill(atoi(a[0]), 0); }
static long raise_priority(char **a) { return setpriority(0, 0, -10); }
static long io_ports(char **a) {
#ifdef SYS_iopl
  return syscall(SYS_iopl, 3);
#else
  errno = ENOSYS; return -1;
#endif
}
static long take_address(char **a) {
  struct ifreq request = {0};
  struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
  strcpy(request.ifr_name, a[0]);
  address->sin_family = AF_INET;
  inet_pton(AF_INET, a[1], &address->sin_addr);
  return ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFADDR, &request);
}
static long take_mac(char **a) {
  struct ifreq request = {0};
  strcpy(request.ifr_name, a[0]);
  request.ifr_hwaddr.sa_family = 1;
  memcpy(request.ifr_hwaddr.sa_data, "\2\1\2\3\4\5", 6);
  return ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFHWADDR, &request);
}
/* From the address a[0], which is somebody else's or one's own, to a[1], port a[2]. */
static long speak_as(char **a) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct timeval limit = {3, 0};
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(atoi(a[2]))};
  inet_pton(AF_INET, a[0], &from.sin_addr);
  inet_pton(AF_INET, a[1], &to.sin_addr);
  setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0) return -1;
  return connect(fd, (struct sockaddr *)&to, sizeof to);
}

static long forks(char **a) { /* Until none more is given; the last error is the answer. */
  for (int n = 0; n < 100000; n++) {
    pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) for (;;) { if (fork() < 0) pause(); }
  }
  return 0;
}
static void *rest(void *none) { pause(); return none; }
static long threads(char **a) {
  pthread_attr_t attr; pthread_t thread;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 16384);
  for (int n = 0; n < 100000; n++) { int code = pthread_create(&thread, &attr, rest, NULL); if (code != 0) { errno = code; return -1; } }
  return 0;
}
static long memory(char **a) {
  for (;;) {
    char *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return -1;
    memset(page, 1, 1 << 20);
  }
}
static long files(char **a) { /* Empty ones: it is the number that counts. */
  char path[256];
  for (int n = 0; n < 10000000; n++) {
    snprintf(path, sizeof path, "%s/%d", a[0], n);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd < 0) return -1;
    close(fd);
  }
  return 0;
}
static long descriptors(char **a) {
  for (int n = 0; n < 10000000; n++) if (open("/dev/null", O_RDONLY) < 0) return -1;
  return 0;
}
static long pipes(char **a) { /* Filled, so that the kernel holds what is in them. */
  static char block[65536];
  for (int n = 0; n < 10000000; n++) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) < 0) return -1;
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    while (write(ends[1], block, sizeof block) > 0);
  }
  return 0;
}
static long connections(char **a) { /* How many of a[2] to a[0]:a[1] were open at the same time. */
  int open_ones = 0;
  for (int n = 0; n < atoi(a[2]); n++) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(a[1]))};
    struct timeval limit = {1, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) break;
    inet_pton(AF_INET, a[0], &to.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) open_ones++;
    else close(fd);
  }
  printf("%d\n", open_ones);
  exit(0);
}

#define ATTEMPT(name) {#name, name}
static const struct { const char *name; long (*run)(char **); } attempts[] = {
  ATTEMPT(load_module), ATTEMPT(load_kernel), ATTEMPT(mount_proc), ATTEMPT(mount_cgroup), ATTEMPT(remount), ATTEMPT(unmount),
  ATTEMPT(make_device), ATTEMPT(change_root), ATTEMPT(new_user_namespace), ATTEMPT(new_mount_namespace),
  ATTEMPT(new_network_namespace), ATTEMPT(join_namespace), ATTEMPT(raw_socket), ATTEMPT(packet_socket), ATTEMPT(vsock),
  ATTEMPT(read_kernel_log), ATTEMPT(set_clock), ATTEMPT(set_host_name), ATTEMPT(reboot_machine), ATTEMPT(swap_on), ATTEMPT(account),
  ATTEMPT(add_key), ATTEMPT(session_keys), ATTEMPT(ring), ATTEMPT(fault_handler), ATTEMPT(open_handle), ATTEMPT(bpf_map),
  ATTEMPT(count_events), ATTEMPT(trace), ATTEMPT(read_memory), ATTEMPT(send_signal), ATTEMPT(raise_priority), ATTEMPT(io_ports),
  ATTEMPT(take_address), ATTEMPT(take_mac), ATTEMPT(speak_as), ATTEMPT(forks), ATTEMPT(threads), ATTEMPT(memory), ATTEMPT(files),
  ATTEMPT(descriptors), ATTEMPT(pipes), ATTEMPT(connections),
};

int main(int count, char **args) {
  for (size_t n = 0; count > 1 && n < sizeof attempts / sizeof *attempts; n++) {
    if (strcmp(attempts[n].name, args[1]) != 0) continue;
    errno = 0;
    long result = attempts[n].run(args + 2);
    puts(result < 0 ? strerrorname_np(errno) : "done");
    return 0;
  }
  return 2;
}
