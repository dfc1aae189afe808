//! A template as CloudFormation gets it.

/// The text without its lines of comment, which are a quarter of it: a request takes 51,200 bytes. What looks like a comment
/// inside a block of text, such as a boot script's first line, is text and stays.
#[must_use]
pub fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut block: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if !content.is_empty() && block.is_some_and(|outside| indent <= outside) {
            block = None;
        }
        if block.is_none() && content.starts_with('#') {
            continue;
        }
        if block.is_none() && opens_block(content) {
            block = Some(indent);
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// Whether the lines that follow further in are one text: `|` or `>` at the end, with how its last lines end.
fn opens_block(content: &str) -> bool {
    let last = content.split_whitespace().next_back().unwrap_or_default();
    let mut letters = last.chars();
    letters.next().is_some_and(|first| "|>".contains(first)) && letters.all(|c| "+-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_go_and_what_looks_like_one_in_a_text_stays() {
        let text = "# one\nA: 1 # beside\n  # two\nB: !Sub |\n  #!/bin/sh\n\n  # in the script\nC: >-\n  # in the text\n# three\nD: |x\n#\n";
        let kept = "A: 1 # beside\nB: !Sub |\n  #!/bin/sh\n\n  # in the script\nC: >-\n  # in the text\nD: |x\n";
        assert_eq!(without_comments(text), kept);
    }
}
