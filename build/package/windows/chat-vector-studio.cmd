@echo off
rem The installed program from a terminal. No words open the window; words are a command.
set "program=%~dp0..\..\Chat Vector Studio.exe"
if "%~1"=="" (
  start "" "%program%"
  exit /b 0
)
"%program%" --log-level=3 --cli -- %*
exit /b %errorlevel%
