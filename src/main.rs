//! Words in, exit code out.

use std::process::ExitCode;

use hactl::error::Exit;
use hactl::terminal::Terminal;
use hactl::{cli, command};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(hactl::terminal::report_bug));
    let cli = match cli::parse(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(help_or_usage) => {
            // A reader that has gone away is no failure.
            let _ = help_or_usage.print();
            return if help_or_usage.use_stderr() { Exit::Usage } else { Exit::Success }.into();
        }
    };
    let terminal = Terminal::detect(cli.global.color);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.say(format_args!("error: the system gives no event loop: {error}"));
            return Exit::Unknown.into();
        }
    };
    let outcome = runtime.block_on(command::run(cli, terminal));
    // A login plugin that never ends must not keep the program from ending.
    runtime.shutdown_background();
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.say(error.rendered().to_string().trim_end());
            error.exit.into()
        }
    }
}
