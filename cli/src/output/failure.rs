//! Failures and warnings for people: four lines, and one.

use super::{Theme, Tone};
use crate::error::{CliError, Warning};

/// What failed · what that means for the data · what to try · where to read.
pub fn four_lines(error: &CliError, cli: &str, program: &str, theme: &Theme) -> String {
    let code = error.code();
    let heading = theme.paint(Tone::Bad, &format!("error {code}:"));
    let label = |word: &str| theme.paint(Tone::Dim, &format!("  {word:<5}"));
    let lines = [
        format!("{heading} {}", one_line(error.message())),
        format!("{} {}", label("state"), one_line(error.state_text())),
        format!("{} {}", label("try"), error.hint_text(cli)),
        format!("{} {program} explain {code}", label("read")),
    ];
    theme.letters(&(lines.join("\n") + "\n"))
}

pub fn warning_line(warning: &Warning, theme: &Theme) -> String {
    let mark = theme.paint(Tone::Warn, "!");
    let read = theme.paint(Tone::Dim, &format!("explain {}", warning.code));
    theme.letters(&format!("{mark} {}   {read}\n", one_line(&warning.message)))
}

/// Texts of servers are shown as one line, without what could play with the terminal.
fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_control() || letter.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn an_error_is_four_lines_whatever_a_server_says() {
        let error = CliError::new(Code::NoQuorum, "2 of 3\n\x1b[31mvoters\tare silent");
        let text = four_lines(&error, "elastickv-admin --endpoint a:1", "elastickv-admin", &Theme::PLAIN);
        let wanted = "\
error EK-1003: 2 of 3 [31mvoters are silent
  state nothing was taken in; acknowledged writes are safe; reads with --stale still work
  try   elastickv-admin --endpoint a:1 cluster status   # start the silent members, then: elastickv-admin --endpoint a:1 cluster wait --for leader
  read  elastickv-admin explain EK-1003
";
        assert_eq!(text, wanted);
    }

    #[test]
    fn a_warning_is_one_line_that_says_where_to_read() {
        let text = warning_line(&Warning::new(Code::MemberSilent, "n3 is silent"), &Theme::PLAIN);
        assert_eq!(text, "! n3 is silent   explain EK-1203\n");
    }
}
