-- The service's role: what it needs of the application's tables, and a place for its own.
CREATE ROLE stayler LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
GRANT SELECT, INSERT, UPDATE, DELETE ON images TO stayler;
GRANT SELECT, INSERT, UPDATE ON conversions TO stayler;
GRANT USAGE, CREATE ON SCHEMA public TO stayler;
