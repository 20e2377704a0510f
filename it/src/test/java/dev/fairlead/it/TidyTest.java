package dev.fairlead.it;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of STYLE.md that can be checked, over all rooms as they were built; and that each rule can be broken.
class TidyTest {
    private static final int LINES_MAX = 400;

    /// Main files that may be longer, each with the reason.
    private static final Map<String, String> LONG_FILES = Map.of(
            "metrics/src/main/java/dev/fairlead/metrics/Metric.java",
            "one constant for each number, and one place for all of them (rule 35)");

    /// Where loop code lives, and may not wait.
    private static final Set<String> LOOP_ROOMS = Set.of("net", "l4", "http");

    /// Classes and methods of those rooms that run on another thread, each with the reason.
    private static final Map<String, String> MAY_WAIT = Map.ofEntries(
            Map.entry("dev.fairlead.net.AccessLog", "has a writer thread of its own; loops only fill rings"),
            Map.entry(
                    "dev.fairlead.net.Acceptor$Door.bind", "the control thread binds, and must know whether it could"),
            Map.entry(
                    "dev.fairlead.net.Listening.probe",
                    "the control thread asks whether the address is free before it binds"),
            Map.entry("dev.fairlead.net.Datagrams.bind", "as the door: the control thread binds"),
            Map.entry(
                    "dev.fairlead.net.resolve.MachineFiles",
                    "the control thread reads two small files before anything is asked"),
            Map.entry("dev.fairlead.net.probe.TlsClient.authorities", "the control thread reads the certificates"),
            Map.entry("dev.fairlead.net.Loops.close", "the last act of the main thread"),
            Map.entry(
                    "dev.fairlead.http.cache.DiskFolder",
                    "only virtual threads of the disk tier read and write its files"),
            Map.entry("dev.fairlead.http.cache.DiskFile", "so do they each of these files"),
            Map.entry("dev.fairlead.http.cache.Changes", "the disk tier's writer waits for the next one"),
            Map.entry("dev.fairlead.http.cache.Disk", "has threads of its own for its files; loops look at its index"));

    static List<Path> rooms() {
        return Repository.rooms();
    }

    private static List<byte[]> classes(Path room) throws IOException {
        Path classes = room.resolve("target/classes");
        assertThat(classes).as("the rooms are built before the tests of `it`").exists();
        List<byte[]> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".class"))
                    .filter(each -> !each.endsWith("module-info.class"))
                    .toList()) {
                found.add(Files.readAllBytes(file));
            }
        }
        return found;
    }

    @Test
    void knowsAllRooms() {
        assertThat(rooms().stream().map(Path::getFileName).map(Path::toString))
                .contains(
                        "config",
                        "metrics",
                        "upstream",
                        "sys",
                        "net",
                        "l4",
                        "kernel",
                        "http",
                        "admin",
                        "acme",
                        "server");
    }

    @Test
    void noMainFileIsTooLong() throws IOException {
        List<String> tooLong = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Repository.ROOT)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                    .filter(each -> each.toString().contains("/src/main/"))
                    .toList()) {
                long lines = lines(file);
                String name = Repository.ROOT.relativize(file).toString();
                if (lines > LINES_MAX && !LONG_FILES.containsKey(name)) {
                    tooLong.add(name + ": " + lines);
                }
            }
        }

        assertThat(tooLong).isEmpty();
    }

    private static long lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        }
    }

    @Test
    void everyExcuseIsNeeded() throws IOException {
        List<String> idle = new ArrayList<>();
        for (String place : MAY_WAIT.keySet()) {
            boolean waits = false;
            for (Path room : rooms()) {
                for (byte[] each :
                        LOOP_ROOMS.contains(room.getFileName().toString()) ? classes(room) : List.<byte[]>of()) {
                    waits |= Tidy.blockingCalls(each, Set.of()).stream().anyMatch(call -> call.startsWith(place));
                }
            }
            if (!waits) {
                idle.add(place);
            }
        }

        assertThat(idle).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void packagesOfARoomDoNotGoInCircles(Path room) throws IOException {
        assertThat(Tidy.packageCycle(classes(room))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"net", "l4", "http"})
    void loopCodeDoesNotWait(String room) throws IOException {
        List<String> calls = new ArrayList<>();
        for (byte[] each : classes(Repository.ROOT.resolve(room))) {
            calls.addAll(Tidy.blockingCalls(each, MAY_WAIT.keySet()));
        }

        assertThat(calls).isEmpty();
    }

    @Test
    void onlySysCallsNativeCode() throws IOException {
        List<String> callers = new ArrayList<>();
        for (Path room : rooms()) {
            for (byte[] each : classes(room)) {
                if (Tidy.uses(each, "java.lang.foreign") && !room.endsWith("sys")) {
                    callers.add(Tidy.nameOf(each));
                }
            }
        }

        assertThat(callers).isEmpty();
    }

    @Test
    void findsAPlantedSleep() {
        byte[] planted = ClassFile.of()
                .build(
                        ClassDesc.of("planted.Sleeper"),
                        type -> type.withMethodBody(
                                "onRead",
                                MethodTypeDesc.of(CD_void),
                                ClassFile.ACC_STATIC,
                                code -> code.lconst_1()
                                        .invokestatic(
                                                ClassDesc.of("java.lang.Thread"),
                                                "sleep",
                                                MethodTypeDesc.of(CD_void, CD_long))
                                        .return_()));

        assertThat(Tidy.blockingCalls(planted, Set.of()))
                .containsExactly("planted.Sleeper.onRead calls java.lang.Thread.sleep");
        assertThat(Tidy.blockingCalls(planted, Set.of("planted.Sleeper.onRead")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.util.concurrent.CompletableFuture join",
                "java.util.concurrent.Future get",
                "java.lang.Object wait",
                "java.util.concurrent.CountDownLatch await",
                "java.net.InetAddress getByName",
                "java.nio.file.Files readString",
                "io.netty.channel.ChannelFuture sync",
                "io.netty.util.concurrent.Future awaitUninterruptibly"
            })
    void findsAPlantedCall(String given) {
        String[] call = given.split(" ");
        byte[] planted = ClassFile.of()
                .build(
                        ClassDesc.of("planted.Waiter"),
                        type -> type.withMethodBody(
                                "onRead",
                                MethodTypeDesc.of(CD_void),
                                ClassFile.ACC_STATIC,
                                code -> code.invokestatic(ClassDesc.of(call[0]), call[1], MethodTypeDesc.of(CD_void))
                                        .return_()));

        assertThat(Tidy.blockingCalls(planted, Set.of())).hasSize(1);
    }

    @Test
    void findsPlantedNativeCode() {
        byte[] planted = withField("planted.Native", "java.lang.foreign.Arena");

        assertThat(Tidy.uses(planted, "java.lang.foreign")).isTrue();
        assertThat(Tidy.uses(withField("planted.Plain", "java.lang.String"), "java.lang.foreign"))
                .isFalse();
    }

    @Test
    void findsAPlantedCircle() {
        byte[] a = withField("planted.a.A", "planted.b.B");
        byte[] b = withField("planted.b.B", "planted.c.C");
        byte[] c = withField("planted.c.C", "planted.a.A");

        assertThat(Tidy.packageCycle(List.of(a, b, c)))
                .containsExactly("planted.a", "planted.b", "planted.c", "planted.a");
        assertThat(Tidy.packageCycle(List.of(a, b))).isEmpty();
    }

    private static byte[] withField(String name, String fieldType) {
        return ClassFile.of()
                .build(
                        ClassDesc.of(name),
                        type -> type.withSuperclass(CD_Object)
                                .withField("field", ClassDesc.of(fieldType), ClassFile.ACC_PRIVATE));
    }
}
