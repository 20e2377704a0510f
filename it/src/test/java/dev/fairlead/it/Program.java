package dev.fairlead.it;

import java.util.ArrayList;
import java.util.List;

/// How the built program is started: through the launcher that operators use, so that its options are the ones that
/// are tested. What a test adds goes in by `FAIRLEAD_JAVA_OPTIONS`.
final class Program {
    private Program() {}

    static List<String> command(List<String> jvmOptions, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add("env");
        command.add("JAVA_HOME=" + System.getProperty("java.home"));
        command.add("FAIRLEAD_JAVA_OPTIONS=" + String.join(" ", jvmOptions));
        command.add(Repository.ROOT.resolve("fairlead").toString());
        command.addAll(List.of(arguments));
        return command;
    }
}
