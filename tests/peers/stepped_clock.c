/* Preloaded into a process, this shifts what it reads of the wall clock, as a clock that is set does.
 *
 * The offset is one 64-bit number of nanoseconds in the file that WALL_CLOCK_OFFSET_FILE names, mapped once and read at
 * every call, so that a test steps the clock of every process at one instant. Monotonic clocks run on untouched.
 * Nothing is included, so that a compiler without the C library's headers is enough. Linux on 64 bits.
 */
typedef struct { long seconds, nanoseconds; } instant;
typedef struct { long seconds, microseconds; } coarse_instant;

extern char *getenv(const char *);
extern int open(const char *, int, ...);
extern int close(int);
extern void *mmap(void *, unsigned long, int, int, int, long);
extern long syscall(long, ...);

#if defined(__x86_64__)
#define SYS_CLOCK_GETTIME 228
#elif defined(__aarch64__)
#define SYS_CLOCK_GETTIME 113
#else
#error "unknown machine"
#endif
#define REALTIME 0
#define REALTIME_COARSE 5

static const volatile long *offset;

__attribute__((constructor)) static void map_offset(void) {
  const char *name = getenv("WALL_CLOCK_OFFSET_FILE");
  int file = name ? open(name, 0) : -1;
  if (file < 0) return;
  void *mapped = mmap(0, sizeof(long), 1 /* PROT_READ */, 1 /* MAP_SHARED */, file, 0);
  if (mapped != (void *)-1) offset = mapped;
  close(file);
}

int clock_gettime(int clock, instant *out) {
  long failed = syscall(SYS_CLOCK_GETTIME, clock, out);
  if (failed || !offset || (clock != REALTIME && clock != REALTIME_COARSE)) return (int)failed;
  long nanoseconds = out->nanoseconds + *offset % 1000000000L;
  out->seconds += *offset / 1000000000L;
  if (nanoseconds < 0) { nanoseconds += 1000000000L; out->seconds--; }
  if (nanoseconds >= 1000000000L) { nanoseconds -= 1000000000L; out->seconds++; }
  out->nanoseconds = nanoseconds;
  return 0;
}

int gettimeofday(coarse_instant *out, void *zone) {
  instant now;
  (void)zone;
  if (clock_gettime(REALTIME, &now)) return -1;
  out->seconds = now.seconds;
  out->microseconds = now.nanoseconds / 1000;
  return 0;
}

long time(long *out) {
  instant now;
  if (clock_gettime(REALTIME, &now)) return -1;
  if (out) *out = now.seconds;
  return now.seconds;
}
