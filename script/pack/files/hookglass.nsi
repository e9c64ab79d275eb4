; Installs Hookglass for the user who runs this, without asking for an administrator, and removes it again, all but the history.
Target amd64-unicode
SetDateSave off
SetCompressor /SOLID lzma
RequestExecutionLevel user
Name "Hookglass"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Hookglass"
InstallDirRegKey HKCU "Software\Hookglass" "Folder"
Icon "${FROM}\hookglass.ico"
UninstallIcon "${FROM}\hookglass.ico"
BrandingText "Hookglass ${VERSION}"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Hookglass"
!define CLASSES "Software\Classes"

!include MUI2.nsh
!include LogicLib.nsh
!include WordFunc.nsh
!include WinMessages.nsh
!define MUI_ICON "${FROM}\hookglass.ico"
!define MUI_UNICON "${FROM}\hookglass.ico"
!insertmacro MUI_PAGE_LICENSE "${FROM}\LICENCES.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\hookglassw.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; The folder joins the user's Path, so that a terminal finds hookglass. Texts of this installer end after 1024 characters: a Path that
; would not fit is left as it is.
Function JoinPath
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  ${If} ${Errors} ; there is none, or it does not fit
    StrCpy $1 0
    ${Do}
      EnumRegValue $2 HKCU "Environment" $1
      ${If} $2 == "Path"
        Goto left
      ${EndIf}
      IntOp $1 $1 + 1
    ${LoopUntil} $2 == ""
  ${EndIf}
  StrLen $1 "$0;$INSTDIR"
  ${If} $1 > 1000
    left:
    DetailPrint "Your Path is long and was left as it is: add $INSTDIR to it where terminals shall find hookglass."
    Return
  ${EndIf}
  ${If} $0 == ""
    StrCpy $0 "$INSTDIR"
  ${Else}
    ${WordAdd} "$0" ";" "+$INSTDIR" $0
  ${EndIf}
  WriteRegExpandStr HKCU "Environment" "Path" "$0"
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
FunctionEnd

Function un.LeavePath
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  ${If} ${Errors}
    Return
  ${EndIf}
  ${un.WordAdd} "$0" ";" "-$INSTDIR" $1
  ${If} $1 == ""
    DeleteRegValue HKCU "Environment" "Path"
  ${ElseIf} $1 != $0
    WriteRegExpandStr HKCU "Environment" "Path" "$1"
  ${EndIf}
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
FunctionEnd

Section
  SetOutPath "$INSTDIR"
  File "${FROM}\hookglass.exe"
  File "${FROM}\hookglassw.exe"
  File "${FROM}\hookglass.ico"
  File "${FROM}\LICENCES.txt"
  File "${FROM}\NEWS.md"
  File "${FROM}\README.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Hookglass.lnk" "$INSTDIR\hookglassw.exe" "" "$INSTDIR\hookglass.ico"
  WriteRegStr HKCU "Software\Hookglass" "Folder" "$INSTDIR"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\hookglass.exe" "" "$INSTDIR\hookglass.exe"
  Call JoinPath
  ; hookglass:// links; the window asks before it follows one.
  WriteRegStr HKCU "${CLASSES}\hookglass" "" "URL:Hookglass"
  WriteRegStr HKCU "${CLASSES}\hookglass" "URL Protocol" ""
  WriteRegStr HKCU "${CLASSES}\hookglass\DefaultIcon" "" "$INSTDIR\hookglass.ico"
  WriteRegStr HKCU "${CLASSES}\hookglass\shell\open\command" "" '"$INSTDIR\hookglassw.exe" open "%1"'
  ; Offered for HAR and workspace files, beside what opens them now.
  WriteRegStr HKCU "${CLASSES}\Hookglass.File" "" "Captured requests"
  WriteRegStr HKCU "${CLASSES}\Hookglass.File\DefaultIcon" "" "$INSTDIR\hookglass.ico"
  WriteRegStr HKCU "${CLASSES}\Hookglass.File\shell\open\command" "" '"$INSTDIR\hookglassw.exe" open "%1"'
  WriteRegStr HKCU "${CLASSES}\.har\OpenWithProgids" "Hookglass.File" ""
  WriteRegStr HKCU "${CLASSES}\.hookglass\OpenWithProgids" "Hookglass.File" ""
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Hookglass"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\hookglass.ico"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Hookglass authors"
  WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "${HOMEPAGE}"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  Call un.LeavePath
  Delete "$INSTDIR\hookglass.exe"
  Delete "$INSTDIR\hookglassw.exe"
  Delete "$INSTDIR\hookglass.ico"
  Delete "$INSTDIR\LICENCES.txt"
  Delete "$INSTDIR\NEWS.md"
  Delete "$INSTDIR\README.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Hookglass.lnk"
  DeleteRegKey HKCU "Software\Hookglass"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\hookglass.exe"
  DeleteRegKey HKCU "${CLASSES}\hookglass"
  DeleteRegKey HKCU "${CLASSES}\Hookglass.File"
  DeleteRegValue HKCU "${CLASSES}\.har\OpenWithProgids" "Hookglass.File"
  DeleteRegValue HKCU "${CLASSES}\.hookglass\OpenWithProgids" "Hookglass.File"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.har\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.har"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.hookglass\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.hookglass"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
