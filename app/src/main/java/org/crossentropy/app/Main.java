package org.crossentropy.app;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.Objects;
import org.crossentropy.api.BackendUnavailableException;
import org.crossentropy.app.io.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code xent}. */
@Command(
        name = "xent",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Cross-entropy losses: evaluate them, train with them, see why, check and time the backends that compute them.",
        subcommands = {
            TrainCommand.class,
            EvalCommand.class,
            LmCommand.class,
            ExplainCommand.class,
            BackendsCommand.class,
            CheckCommand.class,
            BenchCommand.class
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:all went well",
            "1:the backends differ (xent check, xent bench)",
            "2:the command line or an input cannot be used; one line on standard error says why",
            "3:a fault of the program or the machine"
        })
public final class Main implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "after an error, print where it came from")
    private boolean stackTrace;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "print what the library logs, such as the backend it chose")
    private boolean verbose;

    private Main() {}

    /** No subcommand was given. */
    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec, "spec").commandLine(),
                "Missing command: train, eval, lm, explain, backends, check or bench");
    }

    /**
     * Runs the command and ends the process with its status.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        System.exit(run(writer(System.out), writer(System.err), arguments));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs the command. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Locale.setDefault(Locale.ROOT);
        Main main = new Main();
        CommandLine command = new CommandLine(main)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(main::execute)
                .setParameterExceptionHandler((failure, _) -> main.explain(failure, failure.getCommandLine()))
                .setExecutionExceptionHandler((failure, subcommand, _) -> main.explain(failure, subcommand));
        try {
            int status = command.execute(arguments);
            if (out.checkError() && status == ExitStatus.FINE) {
                err.println("xent: standard output cannot be written");
                return ExitStatus.FAULT;
            }
            return status;
        } catch (Error error) {
            return main.explain(error, command);
        }
    }

    private int execute(ParseResult command) {
        XentLoggerFinder.setThreshold(verbose ? Level.INFO : Level.WARNING);
        return new CommandLine.RunLast().execute(command);
    }

    /** The writer of a running command. */
    static PrintWriter out(@Nullable CommandSpec spec) {
        return Objects.requireNonNull(spec, "spec").commandLine().getOut();
    }

    private int explain(Throwable failure, CommandLine command) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        int status = status(failure);
        err.println(
                switch (status) {
                    case ExitStatus.BAD_INPUT -> name + ": " + oneLine(failure.getMessage()) + hint(failure, name);
                    default ->
                        name + ": internal error: " + oneLine(failure.toString())
                                + (stackTrace ? "" : " (--stacktrace shows where)");
                });
        if (stackTrace) {
            failure.printStackTrace(err);
        }
        err.flush();
        return status;
    }

    private static int status(Throwable failure) {
        return switch (failure) {
            case ParameterException _, InputException _, BackendUnavailableException _ -> ExitStatus.BAD_INPUT;
            default -> ExitStatus.FAULT;
        };
    }

    private static String hint(Throwable failure, String command) {
        return failure instanceof ParameterException ? " (see " + command + " --help)" : "";
    }

    private static String oneLine(@Nullable String message) {
        return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
    }
}
