package dev.fairlead.server;

import java.lang.reflect.Proxy;

/// Signals of the system, by the JDK's only door to them: `sun.misc.Signal`, of a module that is supported in spite
/// of its name. By reflection, for javac warns of that class, and under the compile policy that Error Prone needs
/// the warning can be neither suppressed nor made no error.
final class Signals {
    private Signals() {}

    /// Runs `action`, on a thread of its own, whenever the signal comes; `name` without `SIG`.
    static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object given = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), given);
        } catch (ReflectiveOperationException missing) {
            throw new LinkageError("signals", missing);
        }
    }
}
