package dev.fairlead.it;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The rules of STYLE.md that are read off compiled classes: values in, findings out.
final class Tidy {
    /// A call that waits: the owner's and the method's name, both whole.
    private static final Pattern BLOCKING = Pattern.compile(String.join(
            "|",
            "java/lang/Thread\\.(sleep|join)",
            "java/lang/Object\\.wait",
            "java/lang/Process\\.(waitFor)",
            "java/util/concurrent/[A-Za-z]*Future\\.(get|join|resultNow)",
            "java/util/concurrent/[A-Za-z]*Executor(Service)?\\.(invokeAll|invokeAny|awaitTermination|close)",
            "java/util/concurrent/(CountDownLatch|CyclicBarrier|Phaser)\\.await[A-Za-z]*",
            "java/util/concurrent/Semaphore\\.acquire[A-Za-z]*",
            "java/util/concurrent/[A-Za-z]*Queue\\.(take|put)",
            "java/util/concurrent/Exchanger\\.exchange",
            "java/util/concurrent/locks/LockSupport\\.park[A-Za-z]*",
            "java/util/concurrent/locks/[A-Za-z$]*Lock\\.lock[A-Za-z]*",
            "java/util/concurrent/locks/Condition\\.await[A-Za-z]*",
            "io/netty/[A-Za-z/]*\\.(sync|await)(Uninterruptibly)?",
            "io/netty/[A-Za-z/]*(Future|Promise)\\.(get|join)",
            "java/net/InetAddress\\.(getByName|getAllByName|getLocalHost|isReachable|getCanonicalHostName|getHostName)",
            "java/net/InetSocketAddress\\.getHostName",
            "java/net/(Socket|ServerSocket|URL|URLConnection)\\..*",
            "java/nio/file/Files\\..*",
            "java/nio/channels/FileChannel\\.(open|write|read|force|transferTo|transferFrom)",
            "java/io/(File|RandomAccess)[A-Za-z]*\\..*"));

    private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([\\w$/]+);");

    private Tidy() {}

    /// Every call in the class that may block, as `class.method calls owner.method`. A class or method that is
    /// `excused`, as `package.Class` or `package.Class.method`, is passed over.
    static List<String> blockingCalls(byte[] classFile, Set<String> excused) {
        ClassModel model = ClassFile.of().parse(classFile);
        String name = dotted(model.thisClass().asInternalName());
        List<String> found = new ArrayList<>();
        for (MethodModel method : model.methods()) {
            String place = name + "." + method.methodName().stringValue();
            if (excused.contains(name) || excused.contains(place)) {
                continue;
            }
            method.code()
                    .ifPresent(code -> calls(code).stream()
                            .filter(call -> BLOCKING.matcher(call).matches())
                            .forEach(call -> found.add(place + " calls " + dotted(call))));
        }
        return found;
    }

    private static List<String> calls(CodeModel code) {
        return code.elementStream()
                .filter(InvokeInstruction.class::isInstance)
                .map(InvokeInstruction.class::cast)
                .map(call -> call.owner().asInternalName() + "." + call.name().stringValue())
                .toList();
    }

    /// True when anything in the class is of a package that begins with `prefix`, such as `java.lang.foreign`.
    static boolean uses(byte[] classFile, String prefix) {
        return references(classFile).stream().anyMatch(name -> name.startsWith(prefix + "."));
    }

    static String nameOf(byte[] classFile) {
        return dotted(ClassFile.of().parse(classFile).thisClass().asInternalName());
    }

    /// The names of all classes that the class names, in code, fields, signatures and annotations.
    private static Set<String> references(byte[] classFile) {
        Set<String> names = new TreeSet<>();
        for (PoolEntry entry : ClassFile.of().parse(classFile).constantPool()) {
            switch (entry) {
                case ClassEntry type -> names.add(dotted(type.asInternalName()));
                case Utf8Entry text -> {
                    Matcher matcher = CLASS_IN_DESCRIPTOR.matcher(text.stringValue());
                    while (matcher.find()) {
                        names.add(dotted(matcher.group(1)));
                    }
                }
                default -> {}
            }
        }
        return names;
    }

    /// A way from a package over others back to itself, among the packages of these classes; empty when there is
    /// none.
    static List<String> packageCycle(Collection<byte[]> classFiles) {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (byte[] classFile : classFiles) {
            uses.computeIfAbsent(packageOf(nameOf(classFile)), any -> new TreeSet<>());
        }
        for (byte[] classFile : classFiles) {
            String from = packageOf(nameOf(classFile));
            references(classFile).stream()
                    .map(Tidy::packageOf)
                    .filter(to -> !to.equals(from) && uses.containsKey(to))
                    .forEach(to -> uses.get(from).add(to));
        }
        return uses.keySet().stream()
                .map(start -> wayBack(start, uses))
                .filter(way -> !way.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    private static List<String> wayBack(String start, Map<String, Set<String>> uses) {
        Deque<List<String>> ways = new ArrayDeque<>();
        Set<String> seen = new TreeSet<>();
        ways.add(List.of(start));
        while (!ways.isEmpty()) {
            List<String> way = ways.remove();
            for (String next : uses.get(way.getLast())) {
                List<String> longer = new ArrayList<>(way);
                longer.add(next);
                if (next.equals(start)) {
                    return longer;
                }
                if (seen.add(next)) {
                    ways.add(longer);
                }
            }
        }
        return List.of();
    }

    private static String packageOf(String className) {
        int dot = className.lastIndexOf('.');
        return dot < 0 ? "" : className.substring(0, dot);
    }

    private static String dotted(String internalName) {
        return internalName.replace('/', '.');
    }
}
