package dev.slipway.cli.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** SIGHUP, by which daemons are told to read anew what they read at their start. */
public final class Hangup {
  private static final System.Logger LOG = System.getLogger(Hangup.class.getName());

  private Hangup() {}

  /**
   * From now on the signal has something done, each time on a thread of its own. The JDK's signals
   * have no public name, so that they are looked up; where there are none, /admin/reload does the
   * same.
   */
  public static void calls(Runnable work) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calling =
          Proxy.newProxyInstance(
              Hangup.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  Thread.ofVirtual().name("slipway-hangup").start(work);
                  return null;
                }
                return switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> "SIGHUP";
                };
              });
      Object hup = signal.getConstructor(String.class).newInstance("HUP");
      signal.getMethod("handle", signal, handler).invoke(null, hup, calling);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      Throwable why = e instanceof InvocationTargetException ? e.getCause() : e;
      LOG.log(System.Logger.Level.DEBUG, "SIGHUP can't be heard", why);
    }
  }
}
