package dev.slipway.base;

/** What the exit code of a command means. */
public enum Exit {
  OK(0),
  /** A bug in Slipway; the only case with a stack trace. */
  BUG(1),
  /** The command line or the recipe is wrong; nothing was done. */
  USAGE(2),
  /** An input is missing, unreadable, empty or malformed. */
  INPUT(3),
  /** The machine lacks something: memory, disk, permission, a port, a JDK. */
  RESOURCE(4),
  /** Training came to no good end: the loss is not a number, or it exploded. */
  TRAINING(5),
  /** Another process holds the run. */
  LOCKED(6),
  /** Stopped by Ctrl-C or SIGTERM, cleanly. */
  INTERRUPTED(130);

  private final int status;

  Exit(int status) {
    this.status = status;
  }

  public int status() {
    return status;
  }
}
