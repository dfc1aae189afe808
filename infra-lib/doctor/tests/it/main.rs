//! Tests of the doctor, and of what needs all verbs: an account in memory stands for AWS.

mod doctor;
mod organization;
mod states;
