#include "sys/proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A system call that a group allows with any arguments. */
struct allowed {
	enum sandbox_group group;
	int number;
};

#define ROW(group, call)                        \
	{                                       \
		SANDBOX_##group, SCMP_SYS(call) \
	}

static const struct allowed allowed_calls[] = {
	/* memory, time, what is open already, the end */
	ROW(BASE, read),
	ROW(BASE, write),
	ROW(BASE, readv),
	ROW(BASE, writev),
	ROW(BASE, lseek),
	ROW(BASE, close),
	ROW(BASE, close_range),
	ROW(BASE, fstat),
	ROW(BASE, fcntl),
	ROW(BASE, munmap),
	ROW(BASE, mremap),
	ROW(BASE, madvise),
	ROW(BASE, brk),
	ROW(BASE, mlock),
	ROW(BASE, mlock2),
	ROW(BASE, munlock),
	ROW(BASE, msync),
	ROW(BASE, mincore),
	ROW(BASE, futex),
	ROW(BASE, getrandom),
	ROW(BASE, clock_gettime),
	ROW(BASE, clock_getres),
	ROW(BASE, clock_nanosleep),
	ROW(BASE, nanosleep),
	ROW(BASE, gettimeofday),
	ROW(BASE, time),
	ROW(BASE, rt_sigaction),
	ROW(BASE, rt_sigprocmask),
	ROW(BASE, rt_sigreturn),
	ROW(BASE, rt_sigtimedwait),
	ROW(BASE, sigaltstack),
	ROW(BASE, restart_syscall),
	ROW(BASE, getpid),
	ROW(BASE, getppid),
	ROW(BASE, gettid),
	ROW(BASE, getuid),
	ROW(BASE, geteuid),
	ROW(BASE, getgid),
	ROW(BASE, getegid),
	ROW(BASE, getrlimit),
	ROW(BASE, getrusage),
	ROW(BASE, uname),
	ROW(BASE, sysinfo),
	ROW(BASE, getcpu),
	ROW(BASE, sched_yield),
	ROW(BASE, sched_getaffinity),
	ROW(BASE, set_robust_list),
	ROW(BASE, rseq),
	ROW(BASE, membarrier),
	ROW(BASE, dup),
	ROW(BASE, dup2),
	ROW(BASE, dup3),
	ROW(BASE, exit),
	ROW(BASE, exit_group),

	ROW(MESSAGES, sendmsg),
	ROW(MESSAGES, recvmsg),
	ROW(MESSAGES, sendto),
	ROW(MESSAGES, recvfrom),
	ROW(MESSAGES, getsockopt),
	ROW(MESSAGES, shutdown),
	ROW(MESSAGES, getsockname),
	ROW(MESSAGES, getpeername),

	ROW(POLL, poll),
	ROW(POLL, ppoll),
	ROW(POLL, select),
	ROW(POLL, pselect6),
	ROW(POLL, epoll_create),
	ROW(POLL, epoll_create1),
	ROW(POLL, epoll_ctl),
	ROW(POLL, epoll_wait),
	ROW(POLL, epoll_pwait),
	ROW(POLL, epoll_pwait2),
	ROW(POLL, eventfd2),
	ROW(POLL, timerfd_create),
	ROW(POLL, timerfd_settime),
	ROW(POLL, timerfd_gettime),
	ROW(POLL, signalfd4),
	ROW(POLL, pipe),
	ROW(POLL, pipe2),
	ROW(POLL, alarm),
	ROW(POLL, setitimer),

	ROW(THREADS, sched_getparam),
	ROW(THREADS, sched_getscheduler),
	ROW(THREADS, sched_get_priority_min),
	ROW(THREADS, sched_get_priority_max),
	ROW(THREADS, set_tid_address),

	ROW(FILES_READ, access),
	ROW(FILES_READ, faccessat),
	ROW(FILES_READ, faccessat2),
	ROW(FILES_READ, newfstatat),
	ROW(FILES_READ, stat),
	ROW(FILES_READ, lstat),
	ROW(FILES_READ, statx),
	ROW(FILES_READ, readlink),
	ROW(FILES_READ, readlinkat),
	ROW(FILES_READ, getdents64),
	ROW(FILES_READ, getcwd),
	ROW(FILES_READ, pread64),
	ROW(FILES_READ, preadv),
	ROW(FILES_READ, fadvise64),
	ROW(FILES_READ, statfs),
	ROW(FILES_READ, fstatfs),

	ROW(FILES_WRITE, openat),
	ROW(FILES_WRITE, open),
	ROW(FILES_WRITE, creat),
	ROW(FILES_WRITE, pwrite64),
	ROW(FILES_WRITE, pwritev),
	ROW(FILES_WRITE, ftruncate),
	ROW(FILES_WRITE, fallocate),
	ROW(FILES_WRITE, fsync),
	ROW(FILES_WRITE, fdatasync),
	ROW(FILES_WRITE, rename),
	ROW(FILES_WRITE, renameat),
	ROW(FILES_WRITE, renameat2),
	ROW(FILES_WRITE, unlink),
	ROW(FILES_WRITE, unlinkat),
	ROW(FILES_WRITE, mkdir),
	ROW(FILES_WRITE, mkdirat),
	ROW(FILES_WRITE, rmdir),
	ROW(FILES_WRITE, chmod),
	ROW(FILES_WRITE, fchmod),
	ROW(FILES_WRITE, fchmodat),
	ROW(FILES_WRITE, fchown),
	ROW(FILES_WRITE, flock),
	ROW(FILES_WRITE, utimensat),
	ROW(FILES_WRITE, link),
	ROW(FILES_WRITE, linkat),
	ROW(FILES_WRITE, symlink),
	ROW(FILES_WRITE, symlinkat),
	ROW(FILES_WRITE, umask),

	ROW(SERVE, accept),
	ROW(SERVE, accept4),
	ROW(SERVE, listen),
	ROW(SERVE, setsockopt),
	ROW(SERVE, sendfile),

	ROW(CONNECT, connect),
	ROW(CONNECT, bind),
	ROW(CONNECT, setsockopt),
	ROW(CONNECT, sendmmsg),
	ROW(CONNECT, recvmmsg),
};

/* No process of ours makes these once it serves; who does is no longer ours. */
static const int deadly_calls[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(reboot),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(adjtimex),
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(setreuid),
	SCMP_SYS(setregid),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(setgroups),
	SCMP_SYS(setfsuid),
	SCMP_SYS(setfsgid),
	SCMP_SYS(capset),
	SCMP_SYS(personality),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
	SCMP_SYS(modify_ldt),
	SCMP_SYS(acct),
	SCMP_SYS(quotactl),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(name_to_handle_at),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(fanotify_init),
	SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
	SCMP_SYS(syslog),
	SCMP_SYS(vhangup),
};

/* Libraries look for files that they can do without (openssl.cnf, locales): a process without files is told no, and
 * lives. */
static const int file_calls[] = {
	SCMP_SYS(openat),     SCMP_SYS(open),	    SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(stat),	    SCMP_SYS(lstat),  SCMP_SYS(statx),
	SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
};

struct filter {
	scmp_filter_ctx ctx;
	const struct sandbox_profile *profile;
	int error; /* sticky, negated errno */
};

static bool has(const struct filter *f, enum sandbox_group g)
{
	return g == SANDBOX_BASE || (f->profile->groups & BIT(g)) != 0;
}

static void add(struct filter *f, uint32_t action, int number)
{
	int r = f->error ? 0 : seccomp_rule_add(f->ctx, action, number, 0);

	if (r < 0)
		f->error = r;
}

static void add_if(struct filter *f, uint32_t action, int number, struct scmp_arg_cmp condition)
{
	int r = f->error ? 0 : seccomp_rule_add_array(f->ctx, action, number, 1, &condition);

	if (r < 0)
		f->error = r;
}

#define MASKED(arg, mask, value) SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value))
#define EQUALS(arg, value) SCMP_CMP(arg, SCMP_CMP_EQ, (scmp_datum_t)(value), 0)

/* Memory that may be executed is made by the loader alone, before; and never writable. */
static void add_memory(struct filter *f)
{
	const scmp_datum_t exec = PROT_EXEC, both = PROT_EXEC | PROT_WRITE;

	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), MASKED(2, exec, 0));
	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), MASKED(2, exec, 0));
	if (has(f, SANDBOX_LOAD_CODE)) {
		add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), MASKED(2, both, exec));
		add_if(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mmap), MASKED(2, both, both));
	} else {
		add_if(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mmap), MASKED(2, exec, exec));
	}
	add_if(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mprotect), MASKED(2, exec, exec));
}

/* clone3 has its flags where a filter can't see them; with ENOSYS libc takes clone. */
static void add_threads(struct filter *f)
{
	const scmp_datum_t thread = CLONE_THREAD;

	if (!has(f, SANDBOX_THREADS)) {
		add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone));
		return;
	}
	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), MASKED(0, thread, thread));
	add_if(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), MASKED(0, thread, 0));
}

static void add_files(struct filter *f)
{
	const scmp_datum_t changing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

	if (!has(f, SANDBOX_FILES_READ)) {
		for (unsigned i = 0; i < ARRAY_N(file_calls); i++)
			add(f, SCMP_ACT_ERRNO(EACCES), file_calls[i]);
		/* fstat() of newer C libraries: no path, only a descriptor. */
		add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), MASKED(3, AT_EMPTY_PATH, AT_EMPTY_PATH));
		add_if(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), MASKED(3, AT_EMPTY_PATH, 0));
		return;
	}
	if (has(f, SANDBOX_FILES_WRITE))
		return;
	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), MASKED(2, changing, 0));
	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(open), MASKED(1, changing, 0));
	for (scmp_datum_t bit = 1; bit <= O_TRUNC; bit <<= 1) {
		if (!(changing & bit))
			continue;
		add_if(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), MASKED(2, bit, bit));
		add_if(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), MASKED(1, bit, bit));
	}
}

/* A process with files may ask a name service, whose client tries sockets and takes no for an answer. */
static void add_sockets(struct filter *f)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	const uint32_t no = has(f, SANDBOX_FILES_READ) ? SCMP_ACT_ERRNO(EACCES) : SCMP_ACT_KILL_PROCESS;

	if (!has(f, SANDBOX_CONNECT)) {
		add(f, no, SCMP_SYS(socket));
		add(f, no, SCMP_SYS(connect));
		add(f, no, SCMP_SYS(bind));
		return;
	}
	for (unsigned i = 0; i < ARRAY_N(families); i++)
		add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), EQUALS(0, families[i]));
}

static void add_rest(struct filter *f)
{
	static const unsigned long ioctls[] = { FIONREAD, FIONBIO };
	static const int prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE };

	for (unsigned i = 0; i < ARRAY_N(ioctls); i++)
		add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), EQUALS(1, ioctls[i]));
	for (unsigned i = 0; i < ARRAY_N(prctls); i++)
		add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), EQUALS(0, prctls[i]));
	/* Reading limits, not setting them; signals (abort) to this process alone. */
	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), EQUALS(2, 0));
	add_if(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), EQUALS(0, getpid()));
}

static void add_all(struct filter *f)
{
	for (unsigned i = 0; i < ARRAY_N(allowed_calls); i++)
		if (has(f, allowed_calls[i].group))
			add(f, SCMP_ACT_ALLOW, allowed_calls[i].number);
	for (unsigned i = 0; i < ARRAY_N(deadly_calls); i++)
		add(f, SCMP_ACT_KILL_PROCESS, deadly_calls[i]);
	add_memory(f);
	add_threads(f);
	add_files(f);
	add_sockets(f);
	add_rest(f);
}

/*
 * A foreign architecture's call numbers would go round the list: they kill. The kernel logs what kills; not what is
 * refused, or every new thread's probe for clone3 would be in the audit log.
 */
static void set_attributes(struct filter *f)
{
	int r = seccomp_attr_set(f->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (r == 0)
		r = seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_NNP, 0);
	if (r == 0)
		r = seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r < 0)
		f->error = r;
}

int seccomp_confine(const struct sandbox_profile *p, struct err *e)
{
	struct filter f = { .profile = p };
	int r;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 && errno == EINVAL)
		return 1;
	f.ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!f.ctx)
		return err_nomem(e);
	set_attributes(&f);
	add_all(&f);
	r = f.error ? f.error : seccomp_load(f.ctx);
	seccomp_release(f.ctx);
	if (r < 0)
		return err_set(e, r, "load the system call filter: error %d%s", -r, f.error ? " in a rule" : "");
	return 0;
}
