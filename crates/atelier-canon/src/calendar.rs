//! Calendars: what a date means in a story, and how far two of them lie apart.
//!
//! Owns: the calendar as data (months, week, eras, years before zero), dates as a person writes them, arithmetic. Does not own:
//! the real clock, or which scene has which date.

use serde::{Deserialize, Serialize};

use crate::numbers;

/// A calendar: that of our world, or one that a story made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Its months, in order.
    pub months: Vec<Month>,
    /// The names of the days of the week; may be empty.
    #[serde(default)]
    pub week: Vec<String>,
    /// Which day of the week (from 0) the first day of the year 0 is.
    #[serde(default)]
    pub first_weekday: usize,
    /// Names that count years from somewhere.
    #[serde(default)]
    pub eras: Vec<Era>,
    /// Which years have a day more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leap: Option<Leap>,
    /// Hours in a day.
    #[serde(default = "hours")]
    pub hours_per_day: i64,
    /// Minutes in an hour.
    #[serde(default = "minutes")]
    pub minutes_per_hour: i64,
}

fn hours() -> i64 {
    24
}

fn minutes() -> i64 {
    60
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Its name.
    pub name: String,
    /// Its days, in a year that is not a leap year.
    pub days: i64,
}

/// An era: `BC` counts backwards from the year 0, `of the Third Age` forwards from 3021.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Era {
    /// What is written behind the year.
    pub name: String,
    /// The year that is its year 1.
    pub starts: i64,
    /// Whether it counts backwards.
    #[serde(default)]
    pub backwards: bool,
}

/// One day more in `month`, every so many years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leap {
    /// The month that is longer, from 1.
    pub month: usize,
    /// Every so many years,
    pub every: i64,
    /// but not every so many,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except: Option<i64>,
    /// and yet every so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<i64>,
}

/// A date as far as it was told: a year, a month, a day, a minute of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// The year; there is a year 0, and years before it.
    pub year: i64,
    /// The month, from 1.
    pub month: Option<usize>,
    /// The day of the month, from 1.
    pub day: Option<i64>,
    /// The minute of the day.
    pub minute: Option<i64>,
}

/// Why a text is no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDate {
    /// It looks like nothing we know.
    #[error("`{0}` is no date: write 1210-05-03, 1210-05-03 14:30, 3 May 1210 or 1210")]
    Unreadable(String),
    /// The calendar has no such day.
    #[error("`{0}` does not exist in this calendar")]
    Impossible(String),
}

impl Default for Calendar {
    fn default() -> Self {
        let months = [
            ("January", 31),
            ("February", 28),
            ("March", 31),
            ("April", 30),
            ("May", 31),
            ("June", 30),
            ("July", 31),
            ("August", 31),
            ("September", 30),
            ("October", 31),
            ("November", 30),
            ("December", 31),
        ];
        let week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let backwards = |name: &str| Era { name: name.into(), starts: 0, backwards: true };
        let forwards = |name: &str| Era { name: name.into(), starts: 1, backwards: false };
        Self {
            months: months.iter().map(|(name, days)| Month { name: (*name).into(), days: *days }).collect(),
            week: week.iter().map(|day| (*day).into()).collect(),
            first_weekday: 5,
            eras: vec![backwards("BC"), backwards("BCE"), forwards("AD"), forwards("CE")],
            leap: Some(Leap { month: 2, every: 4, except: Some(100), unless: Some(400) }),
            hours_per_day: 24,
            minutes_per_hour: 60,
        }
    }
}

impl Calendar {
    fn is_leap(&self, year: i64) -> bool {
        let divides = |by: Option<i64>| by.is_some_and(|by| by > 0 && year.rem_euclid(by) == 0);
        self.leap
            .is_some_and(|leap| divides(Some(leap.every)) && (!divides(leap.except) || divides(leap.unless)))
    }

    /// The days of a month in a year.
    pub fn days_in(&self, year: i64, month: usize) -> i64 {
        let Some(days) = month.checked_sub(1).and_then(|at| self.months.get(at)).map(|month| month.days)
        else {
            return 0;
        };
        let longer = self.leap.is_some_and(|leap| leap.month == month) && self.is_leap(year);
        days + i64::from(longer)
    }

    /// How many leap years lie in `0..year`, or, negative, in `year..0`.
    fn leaps_before(&self, year: i64) -> i64 {
        let Some(leap) = self.leap else { return 0 };
        // Multiples of `by` in 0..year: the ceiling of year / by.
        let multiples = |by: i64| if by > 0 { -(-year).div_euclid(by) } else { 0 };
        let lcm = |a: i64, b: Option<i64>| b.filter(|b| *b > 0).map(|b| a / gcd(a, b) * b);
        let except = lcm(leap.every, leap.except);
        let unless = except.and_then(|except| lcm(except, leap.unless));
        multiples(leap.every) - except.map_or(0, multiples) + unless.map_or(0, multiples)
    }

    /// The number of the day, with the first day of the year 0 as 0. What was not told counts as the first.
    pub fn day_number(&self, date: Date) -> i64 {
        let common: i64 = self.months.iter().map(|month| month.days).sum();
        let months: i64 = (1..date.month.unwrap_or(1)).map(|month| self.days_in(date.year, month)).sum();
        date.year
            .saturating_mul(common)
            .saturating_add(self.leaps_before(date.year) + months + date.day.unwrap_or(1) - 1)
    }

    /// The date so many days later; what was told of the time stays.
    pub fn add_days(&self, date: Date, days: i64) -> Date {
        let target = self.day_number(date).saturating_add(days);
        let common: i64 = self.months.iter().map(|month| month.days).sum::<i64>().max(1);
        let first = |year| self.day_number(Date { year, month: None, day: None, minute: None });
        let mut year = target.div_euclid(common);
        while first(year) > target {
            year -= 1;
        }
        while first(year + 1) <= target {
            year += 1;
        }
        let mut rest = target - first(year);
        let mut month = 1;
        while month < self.months.len() && rest >= self.days_in(year, month) {
            rest -= self.days_in(year, month);
            month += 1;
        }
        Date { year, month: Some(month), day: Some(rest + 1), minute: date.minute }
    }

    /// The name of the day of the week, where the calendar has a week and the date a day.
    pub fn weekday(&self, date: Date) -> Option<&str> {
        date.day?;
        let length = i64::try_from(self.week.len()).ok().filter(|length| *length > 0)?;
        let at = (self.day_number(date) + self.first_weekday as i64).rem_euclid(length);
        self.week.get(usize::try_from(at).ok()?).map(String::as_str)
    }

    /// Full years from `born` to `at`: the least and the most it can be, as far as the dates were told.
    pub fn age(&self, born: Date, at: Date) -> (i64, i64) {
        let years = at.year - born.year;
        let rest = |date: Date| (date.month, date.day);
        match (born.month, at.month) {
            (Some(b), Some(a)) if a != b => (years - i64::from(a < b), years - i64::from(a < b)),
            (Some(_), Some(_)) if born.day.is_some() && at.day.is_some() => {
                let before = i64::from(rest(at) < rest(born));
                (years - before, years - before)
            }
            _ => (years - 1, years),
        }
    }

    /// The least and the most days, in thousandths, that can lie between two dates, as far as they were told.
    pub fn between(&self, from: Date, to: Date) -> (i64, i64) {
        let (from_least, from_most) = self.milli_days(from);
        let (to_least, to_most) = self.milli_days(to);
        (to_least - from_most, to_most - from_least)
    }

    fn milli_days(&self, date: Date) -> (i64, i64) {
        let day = self.day_number(date).saturating_mul(1000);
        let minutes = (self.hours_per_day * self.minutes_per_hour).max(1);
        match (date.month, date.day, date.minute) {
            (.., Some(minute)) => (day + minute * 1000 / minutes, day + minute * 1000 / minutes),
            (Some(_), Some(_), None) => (day, day + 999),
            (Some(month), None, None) => (day, day + self.days_in(date.year, month) * 1000 - 1),
            _ => (
                day,
                self.day_number(Date { year: date.year + 1, month: None, day: None, minute: None }) * 1000
                    - 1,
            ),
        }
    }

    /// The month of this name, from 1; an abbreviation of three letters or more will do.
    pub fn month(&self, word: &str) -> Option<usize> {
        let word = word.trim_end_matches('.').to_lowercase();
        let exact = self.months.iter().position(|month| month.name.to_lowercase() == word);
        let short = || {
            let mut fits =
                self.months.iter().enumerate().filter(|(_, m)| m.name.to_lowercase().starts_with(&word));
            let only = fits.next().filter(|_| word.chars().count() >= 3);
            only.filter(|_| fits.next().is_none()).map(|(at, _)| at)
        };
        exact.or_else(short).map(|at| at + 1)
    }

    /// Reads a date as a person writes it into a field.
    pub fn parse(&self, text: &str) -> Result<Date, NoDate> {
        let unreadable = || NoDate::Unreadable(text.to_owned());
        let date = self.numeric(text.trim()).or_else(|| self.worded(text.trim())).ok_or_else(unreadable)?;
        let month = date.month.is_none_or(|month| (1..=self.months.len()).contains(&month));
        let day =
            date.day.is_none_or(|day| (1..=self.days_in(date.year, date.month.unwrap_or(1))).contains(&day));
        let minute = date.minute.is_none_or(|m| (0..self.hours_per_day * self.minutes_per_hour).contains(&m));
        if month && day && minute && date.year.abs() < 10_000_000 {
            Ok(date)
        } else {
            Err(NoDate::Impossible(text.to_owned()))
        }
    }

    /// `1210-05-03T14:30`, `-0044-03`, `1210`.
    fn numeric(&self, text: &str) -> Option<Date> {
        let (day, time) = match text.split_once(['T', ' ']) {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        let (sign, day) = day.strip_prefix('-').map_or((1, day), |rest| (-1, rest));
        let mut parts = day.split('-');
        let year: i64 = parts.next().filter(|part| is_digits(part))?.parse().ok()?;
        let month = parts.next().map(|part| part.parse().ok()).map_or(Some(None), |part| part.map(Some))?;
        let day = parts.next().map(|part| part.parse().ok()).map_or(Some(None), |part| part.map(Some))?;
        let minute = time.map(|time| self.time(time)).map_or(Some(None), |time| time.map(Some))?;
        let told = parts.next().is_none() && (minute.is_none() || day.is_some());
        told.then_some(Date { year: sign * year, month, day, minute })
    }

    /// `14:30`, `14:30:00`, with or without a `Z` that means nothing in a story.
    fn time(&self, text: &str) -> Option<i64> {
        let mut parts = text.trim().trim_end_matches('Z').split(':');
        let hours: i64 = parts.next()?.parse().ok()?;
        let minutes: i64 = parts.next()?.parse().ok()?;
        let fits = (0..self.hours_per_day).contains(&hours) && (0..self.minutes_per_hour).contains(&minutes);
        fits.then_some(hours * self.minutes_per_hour + minutes)
    }

    /// `3 May 1210`, `May 3, 1210`, `the third of May 1210`, `May 1210`, `44 BC`.
    fn worded(&self, text: &str) -> Option<Date> {
        let lower = text.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
        let said = self.said(&words)?;
        let whole = said.taken == words.len();
        whole.then_some(Date { year: said.year?, month: said.month, day: said.day, minute: None })
    }

    /// The date at the beginning of these lower-case words, as far as it is told.
    pub fn said(&self, words: &[&str]) -> Option<Said> {
        let mut at = usize::from(words.first() == Some(&"the"));
        let day_of = |word: Option<&&str>| {
            word.and_then(|word| {
                numbers::ordinal(word).or_else(|| word.parse().ok()).filter(|day| (1..100).contains(day))
            })
        };
        let mut said = Said { year: None, month: None, day: None, taken: 0 };
        if let Some(day) = day_of(words.get(at)) {
            let of = usize::from(words.get(at + 1) == Some(&"of"));
            if let Some(month) = words.get(at + 1 + of).and_then(|word| self.month(word)) {
                said = Said { day: Some(day), month: Some(month), ..said };
                at += 2 + of;
            }
        } else if let Some(month) = words.get(at).and_then(|word| self.month(word)) {
            said.month = Some(month);
            at += 1;
            let the = usize::from(words.get(at) == Some(&"the"));
            if let Some(day) = day_of(words.get(at + the)) {
                said.day = Some(day);
                at += 1 + the;
            }
        }
        let of = usize::from(said.month.is_some() && matches!(words.get(at), Some(&("of" | "in"))));
        if let Some(year) =
            words.get(at + of).filter(|word| is_digits(word)).and_then(|word| word.parse::<i64>().ok())
        {
            let (year, era) = self.in_era(year, &words[at + of + 1..]);
            if said.month.is_some() || era > 0 || words.len() == 1 {
                said.year = Some(year);
                at += of + 1 + era;
            }
        }
        let something = said.month.is_some() || said.year.is_some();
        something.then_some(Said { taken: at, ..said })
    }

    fn in_era(&self, year: i64, behind: &[&str]) -> (i64, usize) {
        for era in &self.eras {
            let name = era.name.to_lowercase();
            let words: Vec<&str> = name.split_whitespace().collect();
            if !words.is_empty() && behind.len() >= words.len() && behind[..words.len()] == words[..] {
                let year = if era.backwards { era.starts - (year - 1) } else { era.starts + year - 1 };
                return (year, words.len());
            }
        }
        (year, 0)
    }
}

/// A date in prose, as far as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The year, where it is told.
    pub year: Option<i64>,
    /// The month, from 1.
    pub month: Option<usize>,
    /// The day of the month.
    pub day: Option<i64>,
    /// How many words it takes.
    pub taken: usize,
}

impl Said {
    /// Whether a date is not the one that was said.
    pub fn contradicts(&self, date: Date) -> bool {
        let differs = |said: Option<i64>, is: Option<i64>| said.zip(is).is_some_and(|(said, is)| said != is);
        let month = |month: Option<usize>| month.and_then(|month| i64::try_from(month).ok());
        differs(self.year, Some(date.year))
            || differs(month(self.month), month(date.month))
            || differs(self.day, date.day)
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit())
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Calendar, Date, Era, Leap, Month};

    fn shown(calendar: &Calendar, text: &str) -> String {
        match calendar.parse(text) {
            Ok(Date { year, month, day, minute }) => format!(
                "{year} {} {} {}",
                month.map_or("-".into(), |m| m.to_string()),
                day.map_or("-".into(), |d| d.to_string()),
                minute.map_or("-".into(), |m| m.to_string())
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let calendar = Calendar::default();
        for (text, want) in [
            ("1210-05-03", "1210 5 3 -"),
            ("1210-05-03T14:30", "1210 5 3 870"),
            ("1210-05-03 09:00", "1210 5 3 540"),
            ("-0044-03-15", "-44 3 15 -"),
            ("3 May 1210", "1210 5 3 -"),
            ("May 3rd, 1210", "1210 5 3 -"),
            ("the third of May 1210", "1210 5 3 -"),
            ("May 1210", "1210 5 - -"),
            ("44 BC", "-43 - - -"),
            ("1210", "1210 - - -"),
            ("1210-02-30", "`1210-02-30` does not exist in this calendar"),
        ] {
            assert_eq!(shown(&calendar, text), want, "{text}");
        }
        for bad in ["", "soon", "1210-xx-01", "1210-05 14:30", "May", "99999999999999999999"] {
            assert!(calendar.parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_week_and_the_age_follow() {
        let calendar = Calendar::default();
        let date = |text: &str| calendar.parse(text).unwrap();
        assert_eq!(calendar.weekday(date("2026-11-21")), Some("Saturday"));
        assert_eq!(calendar.weekday(date("1210-05-05")), Some("Wednesday"));
        assert_eq!(calendar.age(date("1180-03-12"), date("1210-03-11")), (29, 29));
        assert_eq!(calendar.age(date("1180-03-12"), date("1210-03-12")), (30, 30));
        assert_eq!(calendar.age(date("1180"), date("1210-03-12")), (29, 30));
        assert_eq!(calendar.between(date("1210-05-03"), date("1210-05-05")), (1001, 2999));
    }

    fn invented() -> Calendar {
        let months = ["Thaw", "Seed", "Ash"].map(|name| Month { name: name.into(), days: 40 });
        let eras = vec![Era { name: "of the Crown".into(), starts: 800, backwards: false }];
        let leap = Some(Leap { month: 3, every: 5, except: None, unless: None });
        let week = vec!["Oneday".into(), "Twoday".into()];
        Calendar {
            months: months.into(),
            week,
            first_weekday: 0,
            eras,
            leap,
            hours_per_day: 10,
            minutes_per_hour: 100,
        }
    }

    #[test]
    fn a_story_may_have_its_own_calendar() {
        let calendar = invented();
        assert_eq!(shown(&calendar, "7 Ash 12 of the Crown"), "811 3 7 -");
        assert_eq!(shown(&calendar, "811-03-07 09:99"), "811 3 7 999");
        assert_eq!(calendar.days_in(810, 3), 41);
        assert!(calendar.parse("811-04-01").is_err());
    }

    proptest! {
        #[test]
        fn adding_days_is_undone_by_taking_them_away(year in -3000i64..3000, days in -400_000i64..400_000, own in any::<bool>()) {
            let calendar = if own { invented() } else { Calendar::default() };
            let date = Date { year, month: Some(1), day: Some(1), minute: None };
            let there = calendar.add_days(date, days);
            prop_assert_eq!(calendar.day_number(there) - calendar.day_number(date), days);
            prop_assert_eq!(calendar.add_days(there, -days), date);
        }
    }
}
