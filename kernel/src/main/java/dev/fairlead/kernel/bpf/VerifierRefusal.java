package dev.fairlead.kernel.bpf;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Linux would not have a program. Says why in the verifier's own words, and which line of Java wrote the instruction
/// that it stopped at.
public final class VerifierRefusal extends IOException {
    private static final Pattern INSTRUCTION = Pattern.compile("^(\\d+): \\(", Pattern.MULTILINE);
    private static final String NOWHERE = "?";
    private static final int LINES_SHOWN = 12;

    VerifierRefusal(Program program, String reason, String log) {
        String at = line(program, log);
        super("Linux refused the program " + program.name() + " (" + reason + ")"
                + (at.equals(NOWHERE) ? "" : " at " + at)
                + (log.isEmpty() ? "" : "\n" + end(log)));
    }

    private static String line(Program program, String log) {
        Matcher matcher = INSTRUCTION.matcher(log);
        int last = -1;
        while (matcher.find()) {
            last = Integer.parseInt(matcher.group(1));
        }
        List<Instruction> all = program.instructions();
        return last < 0 || last >= all.size() ? NOWHERE : all.get(last).line();
    }

    /// The last lines: what comes before them went well.
    private static String end(String log) {
        List<String> lines = log.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    }
}
