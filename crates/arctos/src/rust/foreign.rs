//! Types of well-known crates: `uuid` (feature `uuid`) and `chrono` (feature `chrono`).
//!
//! A `Uuid` is text, hyphenated and in lower case, so that it compares with the strings policies write. Times are objects
//! that compare and are ordered with their own kind; register them like any class.

#[cfg(feature = "uuid")]
mod uuids {
    use std::borrow::Cow;

    use uuid::Uuid;

    use crate::rust::{AsPolar, FromPolar, Key, Scope, ToPolar, Values};
    use crate::{HostError, Term};

    impl ToPolar for Uuid {
        fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
        where
            Self: 'q,
        {
            let mut buffer = Uuid::encode_buffer();
            Ok(scope.heap().string(self.hyphenated().encode_lower(&mut buffer)))
        }
    }

    impl AsPolar for Uuid {
        fn as_polar<'q>(&'q self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError> {
            (*self).to_polar(scope)
        }
    }

    impl FromPolar for Uuid {
        type As<'q> = Uuid;

        fn from_polar<'q>(term: Term, values: &Values<'_, 'q>) -> Result<Uuid, HostError> {
            Uuid::try_parse(values.text(term)?).map_err(|_| values.mismatch("a UUID", term))
        }
    }

    impl Key for Uuid {
        fn key(&self) -> Cow<'_, str> {
            Cow::Owned(self.to_string())
        }
    }
}

#[cfg(feature = "chrono")]
mod times {
    use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

    use crate::rust::{ClassDescription, PolarClass, Scope, ToPolar};
    use crate::{HostError, Term};

    /// In policies `DateTime`: `year`, `month`, `day`, `timestamp` (seconds since 1970), compared and ordered.
    impl PolarClass for DateTime<Utc> {
        fn class() -> ClassDescription<Self> {
            ClassDescription::<Self>::new("DateTime")
                .attribute("year", |time: &Self| time.year())
                .attribute("month", |time: &Self| time.month())
                .attribute("day", |time: &Self| time.day())
                .attribute("timestamp", |time: &Self| time.timestamp())
                .method("plus_seconds", |time: &Self, seconds: i64| {
                    TimeDelta::try_seconds(seconds).and_then(|delta| time.checked_add_signed(delta))
                })
                .class_method("at", |timestamp: i64| DateTime::from_timestamp(timestamp, 0))
                .equality()
                .ordering()
                .described_by(ToString::to_string)
        }
    }

    /// In policies `Date`: `year`, `month`, `day`, compared and ordered.
    impl PolarClass for NaiveDate {
        fn class() -> ClassDescription<Self> {
            ClassDescription::<Self>::new("Date")
                .attribute("year", |date: &Self| date.year())
                .attribute("month", |date: &Self| date.month())
                .attribute("day", |date: &Self| date.day())
                .constructor(|year: i32, month: u32, day: u32| NaiveDate::from_ymd_opt(year, month, day))
                .equality()
                .ordering()
                .described_by(ToString::to_string)
        }
    }

    /// In policies `Duration`: `seconds`, compared and ordered.
    impl PolarClass for TimeDelta {
        fn class() -> ClassDescription<Self> {
            ClassDescription::<Self>::new("Duration")
                .attribute("seconds", |length: &Self| length.num_seconds())
                .equality()
                .ordering()
                .described_by(ToString::to_string)
        }
    }

    macro_rules! owned {
        ($($ty:ty),*) => {$(
            impl ToPolar for $ty {
                fn to_polar<'q>(self, scope: &mut Scope<'_, 'q>) -> Result<Term, HostError>
                where
                    Self: 'q,
                {
                    scope.keep(self)
                }
            }
        )*};
    }

    owned!(DateTime<Utc>, NaiveDate, TimeDelta);
}
