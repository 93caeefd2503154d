; Inno Setup 6: iscc /DVersion=0.1.0 packaging\windows\kotaemon-desktop.iss
; after packaging/build has made build\packaging\dist\kotaemon-desktop. Signed when SignTool is given:
; iscc "/Ssigntool=signtool sign /fd sha256 /tr TIMESTAMP-SERVER /td sha256 $f" /DSigned ...
#ifndef Version
  #error Give the version with /DVersion=
#endif
#define Folder "..\..\build\packaging\dist\kotaemon-desktop"

[Setup]
AppId={{6E1C9B0B-6E57-4B0E-9C59-6C1D0E4C2F10}
AppName=Kotaemon Desktop
AppVersion={#Version}
DefaultDirName={autopf}\Kotaemon Desktop
DefaultGroupName=Kotaemon Desktop
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
Compression=lzma2/max
SolidCompression=yes
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=kotaemon-desktop-{#Version}-windows-x86_64
SetupIconFile=..\..\build\packaging\icons\kotaemon-desktop.ico
UninstallDisplayIcon={app}\kotaemon-desktop.exe
CloseApplications=yes
#ifdef Signed
SignTool=signtool
#endif

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "ask"; Description: "Offer “Ask with Kotaemon Desktop” for documents"

[Files]
Source: "{#Folder}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{autoprograms}\Kotaemon Desktop"; Filename: "{app}\kotaemon-desktop.exe"
Name: "{autodesktop}\Kotaemon Desktop"; Filename: "{app}\kotaemon-desktop.exe"; Tasks: desktopicon

[Registry]
; "Open with": one class, offered for each kind of file and default for none.
Root: HKA; Subkey: "Software\Classes\KotaemonDesktop.Document"; ValueType: string; ValueData: "Document"; Flags: uninsdeletekey; Tasks: ask
Root: HKA; Subkey: "Software\Classes\KotaemonDesktop.Document\shell\open"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "Ask with Kotaemon Desktop"; Tasks: ask
Root: HKA; Subkey: "Software\Classes\KotaemonDesktop.Document\shell\open\command"; ValueType: string; ValueData: """{app}\kotaemon-desktop.exe"" ""%1"""; Tasks: ask
#define Offer(str suffix) \
  'Root: HKA; Subkey: "Software\Classes\' + suffix + '\OpenWithProgids"; ValueType: none; ' + \
  'ValueName: "KotaemonDesktop.Document"; Flags: uninsdeletevalue; Tasks: ask'
#emit Offer(".pdf")
#emit Offer(".docx")
#emit Offer(".pptx")
#emit Offer(".xlsx")
#emit Offer(".xls")
#emit Offer(".odt")
#emit Offer(".ods")
#emit Offer(".odp")
#emit Offer(".rtf")
#emit Offer(".csv")
#emit Offer(".html")
#emit Offer(".eml")
#emit Offer(".epub")
#emit Offer(".md")
#emit Offer(".txt")

[Run]
Filename: "{app}\kotaemon-desktop.exe"; Description: "{cm:LaunchProgram,Kotaemon Desktop}"; Flags: nowait postinstall skipifsilent

[Code]
procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Data: String;
begin
  Data := ExpandConstant('{localappdata}\kotaemon-desktop');
  if (Step = usPostUninstall) and DirExists(Data) and not UninstallSilent then
    if MsgBox('The index of your documents, your conversations and models are in ' + Data + '. Delete them too?',
      mbConfirmation, MB_YESNO or MB_DEFBUTTON2) = IDYES then
      DelTree(Data, True, True, True);
end;
