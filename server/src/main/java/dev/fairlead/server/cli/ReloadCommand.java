package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "reload",
        description = {
            "Lets a running Fairlead read its config file again and follow it.",
            "When the file has a problem, nothing happens and the problems are printed."
        })
final class ReloadCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Override
    public Integer call() throws IOException {
        AdminClient.Reply reply = admin.client().post("/config/reload");
        Map<?, ?> answer = (Map<?, ?>) reply.tree();
        boolean done = reply.status() == 200;
        PrintWriter out = done ? Output.of(spec) : Output.errorsOf(spec);
        if (answer.get("problems") instanceof List<?> problems) {
            problems.forEach(problem -> out.println(text((Map<?, ?>) problem)));
        }
        if (!done) {
            out.println("not reloaded: " + answer.get("error"));
            return ExitCode.REFUSED;
        }
        print(out, "", answer.get("changes"));
        print(out, "needs a restart: ", answer.get("needs-restart"));
        out.println("reloaded");
        return ExitCode.OK;
    }

    private static void print(PrintWriter out, String before, @Nullable Object lines) {
        if (lines instanceof List<?> list) {
            list.forEach(line -> out.println(before + line));
        }
    }

    private static String text(Map<?, ?> problem) {
        return problem.get("file") + ":" + problem.get("line") + ":" + problem.get("column") + ": "
                + problem.get("severity") + ": " + problem.get("message");
    }
}
