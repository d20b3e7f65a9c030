//! Places of keys.

use proptest::prelude::*;

use super::*;

fn fault(text: &str) -> UriFault {
    match text.parse::<KekUri>() {
        Err(KekError::Uri(fault)) => fault,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn files_and_variables_are_known() {
    assert_eq!("file:/etc/kek.bin".parse(), Ok(KekUri::File("/etc/kek.bin".into())));
    assert_eq!("file:///etc/kek.bin".parse(), Ok(KekUri::File("/etc/kek.bin".into())));
    assert_eq!("env:KEK_1".parse(), Ok(KekUri::Environment("KEK_1".to_owned())));
}

#[test]
fn other_schemes_are_told_which_there_are() {
    for text in ["vault:transit/x", "awskms:arn", "File:/x", ":/x"] {
        assert_eq!(fault(text), UriFault::UnknownScheme, "{text}");
    }
    assert_eq!(fault("/etc/kek.bin"), UriFault::NoScheme);
    assert!(KekError::Uri(UriFault::UnknownScheme).to_string().contains("file:/path and env:NAME"));
    for text in ["file:", "file:/", "file:kek.bin", "file://host/kek", "file:/x?token=1", "file:/x#y"] {
        assert_eq!(fault(text), UriFault::Path, "{text}");
    }
    for text in ["env:", "env:1X", "env:A B", "env:A=B"] {
        assert_eq!(fault(text), UriFault::Variable, "{text}");
    }
}

/// A key, a password or a token where something else belongs is not repeated by anything.
#[test]
fn secrets_in_the_wrong_place_are_not_repeated() {
    let secret = "abadcafe".repeat(8);
    let texts = [
        secret.clone(),
        format!("env:{secret}"),
        format!("vault://user:{secret}@host/transit"),
        format!("awskms:key?token={secret}"),
        format!("file:/kek?{secret}"),
        format!("file://{secret}@host/kek"),
        format!("{secret}:x"),
    ];
    for text in texts {
        let error = text.parse::<KekUri>().unwrap_err();
        let told = format!("{error} {error:?} {error:#?}");
        assert!(!told.contains("abadcafe"), "{told}");
        assert!(!error.is_transient());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_a_place_or_refused(text in "(file:|env:|x:|)[/a-zA-Z_0-9?#: ]{0,60}") {
        fuzz::uri(text.as_bytes());
    }

    #[test]
    fn any_text_is_a_key_or_refused(text in "[0-9a-fA-F+/=_-]{0,70}| [0-9a-f]{64}\n|[a-zA-Z0-9+/]{43}=?") {
        fuzz::key_text(text.as_bytes());
    }
}
