mod authorities;
mod first_time;
mod next_time;
