//! Tests of what is told of a site and asked of its controller: an account in memory stands for AWS.

mod drift;
mod needs;
mod price_list;
mod status;
mod steer;
mod zone_servers;
mod zones;
