// A disk for tests, to be loaded before the C library (LD_PRELOAD): SQLite writes through that, Go does not.
//
// POWERCUT_OF is a folder, POWERCUT_TO another one, in which this keeps what a power cut would leave of it. A block that was
// written gets there with the fsync of its file, and a name, new, changed or gone, with the fsync of its folder: what no fsync
// has asked for is lost, which is the worst that a disk may do by its contract. FULL names a file: while it exists, the
// disk below POWERCUT_OF is full.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct { off_t from, to; } range;
typedef struct { ino_t ino; range *dirty; int n, room; } file;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static file files[256];
static int count;
static const char *of = "", *to = "", *full = "";

__attribute__((constructor)) static void begin(void) {
	if (getenv("POWERCUT_OF")) of = getenv("POWERCUT_OF");
	if (getenv("POWERCUT_TO")) to = getenv("POWERCUT_TO");
	if (getenv("FULL")) full = getenv("FULL");
}

#define REAL(ret, name, ...) static ret (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)

static int ours(int fd, char *path, size_t size) {
	if (!*of) return 0;
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, size - 1);
	if (n <= 0) return 0;
	path[n] = 0;
	size_t l = strlen(of);
	return !strncmp(path, of, l) && (path[l] == '/' || !path[l]);
}

static file *known(ino_t ino) {
	for (int i = 0; i < count; i++) if (files[i].ino == ino) return &files[i];
	if (count == 256) abort();
	files[count].ino = ino;
	return &files[count++];
}

static void dirty(int fd, off_t from, off_t end) {
	char path[4096];
	struct stat st;
	if (!*to || end <= from || !ours(fd, path, sizeof path) || fstat(fd, &st) || !S_ISREG(st.st_mode)) return;
	pthread_mutex_lock(&lock);
	file *f = known(st.st_ino);
	if (f->n && f->dirty[f->n-1].to == from) f->dirty[f->n-1].to = end;
	else {
		if (f->n == f->room) f->dirty = realloc(f->dirty, (f->room = f->room ? 2*f->room : 64) * sizeof(range));
		f->dirty[f->n++] = (range){from, end};
	}
	pthread_mutex_unlock(&lock);
}

static void inode(char *out, size_t size, ino_t ino) { snprintf(out, size, "%s/.inode-%lu", to, (unsigned long)ino); }

// blocks brings to the other folder what was written to a file since it was last asked for.
static void blocks(int fd, struct stat *st) {
	static char block[1 << 20];
	char path[4096];
	inode(path, sizeof path, st->st_ino);
	int out = open(path, O_WRONLY | O_CREAT, 0600);
	if (out < 0) abort();
	file *f = known(st->st_ino);
	for (int i = 0; i < f->n; i++) {
		for (off_t at = f->dirty[i].from; at < f->dirty[i].to;) {
			size_t want = f->dirty[i].to - at > (off_t)sizeof block ? sizeof block : (size_t)(f->dirty[i].to - at);
			ssize_t got = pread64(fd, block, want, at);
			if (got <= 0) break;
			if (syscall(SYS_pwrite64, out, block, got, at) != got) abort();
			at += got;
		}
	}
	f->n = 0;
	if (syscall(SYS_ftruncate, out, st->st_size)) abort();
	close(out);
}

// names makes the other folder's names those of the folder.
static void names(const char *dir) {
	DIR *d = opendir(dir);
	struct dirent *e;
	char a[8192], b[8192], temp[8192];
	while (d && (e = readdir(d))) {
		struct stat st, have;
		snprintf(a, sizeof a, "%s/%s", dir, e->d_name);
		if (stat(a, &st) || !S_ISREG(st.st_mode)) continue;
		inode(b, sizeof b, st.st_ino);
		close(open(b, O_WRONLY | O_CREAT, 0600)); // of which nothing was asked for yet: empty
		snprintf(a, sizeof a, "%s/%s", to, e->d_name);
		if (!stat(b, &st) && !stat(a, &have) && st.st_ino == have.st_ino) continue;
		snprintf(temp, sizeof temp, "%s/.temp", to);
		unlink(temp);
		if (link(b, temp) || rename(temp, a)) abort();
	}
	if (d) closedir(d);
	d = opendir(to);
	while (d && (e = readdir(d))) {
		snprintf(a, sizeof a, "%s/%s", dir, e->d_name);
		snprintf(b, sizeof b, "%s/%s", to, e->d_name);
		if (e->d_name[0] != '.' && access(a, F_OK)) unlink(b);
	}
	if (d) closedir(d);
}

static int synced(int fd) {
	char path[4096];
	struct stat st;
	if (!*to || !ours(fd, path, sizeof path) || fstat(fd, &st)) return 0;
	pthread_mutex_lock(&lock);
	if (S_ISDIR(st.st_mode) && !strcmp(path, of)) names(path);
	else if (S_ISREG(st.st_mode)) blocks(fd, &st);
	pthread_mutex_unlock(&lock);
	return 0;
}

int fsync(int fd) { REAL(int, "fsync", int); int r = real(fd); if (!r) synced(fd); return r; }
int fdatasync(int fd) { REAL(int, "fdatasync", int); int r = real(fd); if (!r) synced(fd); return r; }

static int isFull(int fd) {
	char path[4096];
	return *full && ours(fd, path, sizeof path) && !access(full, F_OK);
}

static ssize_t noSpace(void) { errno = ENOSPC; return -1; }

ssize_t pwrite64(int fd, const void *b, size_t n, off_t at) {
	REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
	if (isFull(fd)) return noSpace();
	ssize_t r = real(fd, b, n, at);
	if (r > 0) dirty(fd, at, at + r);
	return r;
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return pwrite64(fd, b, n, at); }

ssize_t write(int fd, const void *b, size_t n) {
	REAL(ssize_t, "write", int, const void *, size_t);
	if (isFull(fd)) return noSpace();
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t r = real(fd, b, n);
	if (r > 0 && at >= 0) dirty(fd, at, at + r);
	return r;
}

int ftruncate64(int fd, off_t size) {
	REAL(int, "ftruncate64", int, off_t);
	struct stat st;
	if (!fstat(fd, &st) && size < st.st_size) dirty(fd, size, st.st_size);
	return real(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

// An inode whose last name went may come back as another file's: what was kept of it is not that one's.
static int opened(int fd, int flags, int had) {
	char path[4096], of_it[4096];
	struct stat st;
	if (fd >= 0 && !had && (flags & O_CREAT) && ours(fd, path, sizeof path) && *to && !fstat(fd, &st)) {
		pthread_mutex_lock(&lock);
		known(st.st_ino)->n = 0;
		inode(of_it, sizeof of_it, st.st_ino);
		unlink(of_it);
		pthread_mutex_unlock(&lock);
	}
	return fd;
}

int open64(const char *path, int flags, ...) {
	REAL(int, "open64", const char *, int, ...);
	va_list more;
	va_start(more, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	int had = !(flags & O_CREAT) || !access(path, F_OK);
	return opened(real(path, flags, mode), flags, had);
}
int open(const char *path, int flags, ...) {
	va_list more;
	va_start(more, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
	va_end(more);
	return open64(path, flags, mode);
}
